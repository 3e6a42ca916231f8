import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sinkTypes } from '../../../src/sinks/index.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import type { DaemonTiming } from '../../../src/timing.ts';
import { startConfigured } from '../configured-daemon.ts';
import { freePortNumbers } from '../free-ports.ts';

export const token = 'the-token-of-requests';
export const secret = 'the-secret-of-callbacks';

type Settings = Readonly<Record<string, unknown>>;

export interface RequestingHomeOptions {
  readonly upstream: string;
  /** Over the usual ones. */
  readonly requests?: Settings;
  readonly os1?: Settings;
  readonly sessions?: Settings;
  readonly pipeline?: Settings;
  readonly brokers?: Settings;
  /** Where `os1` goes. */
  readonly to?: Settings;
  /** A third one: what stands under its `from`, and its name. */
  readonly wapi?: Settings;
}

export type Stored = Readonly<Record<string, unknown>> & { readonly type: string };

/** Pipelines that take requests, `os1`, `sessions` and perhaps `wapi`, with everything in the embedded log. */
export interface RequestingHome extends AsyncDisposable {
  readonly configFile: string;
  readonly requestsUrl: string;
  /** Without a path. */
  readonly hooksUrl: string;
  readonly healthUrl: string;
  /** Of `os1`, `sessions`, `wapi` or `said`, in order. */
  stored(topic: string): Promise<readonly Stored[]>;
  /** A bridge in this process. `edit` changes its configuration, also anew at each reload. */
  start(timing?: Partial<DaemonTiming>, edit?: (text: string) => string): ReturnType<typeof startConfigured>;
  stop(): Promise<void>;
}

export async function makeRequestingHome(options: RequestingHomeOptions): Promise<RequestingHome> {
  const { upstream, requests = {}, os1 = {}, sessions = {}, pipeline = {}, brokers = {} } = options;
  const root = await mkdtemp(join(tmpdir(), 'feedferry-requests-'));
  const dir = join(root, 'events');
  const configFile = join(root, 'feedferry.yaml');
  const [hooks = 0, desk = 0, health = 0] = await freePortNumbers(3);
  const common = { account: 'acme', requests: { baseUrl: `${upstream}/api`, ...requests } };
  const rest = { bridgeEvents: { broker: 'out', topic: 'said' }, ...pipeline };
  const text = JSON.stringify({
    version: 1,
    publicUrl: `http://127.0.0.1:${hooks}`,
    state: { dir: join(root, 'state') },
    listen: {
      hooks: `127.0.0.1:${hooks}`,
      requests: { address: `127.0.0.1:${desk}`, token },
      health: `127.0.0.1:${health}`,
      admin: '127.0.0.1:0',
    },
    brokers: { out: { type: 'log', dir }, ...brokers },
    pipelines: {
      os1: {
        from: { connector: 'os1', path: '/hooks/os1', verify: { preset: 'os1', keys: [secret] }, ...common, ...os1 },
        to: options.to ?? { broker: 'out', topic: 'os1' },
        ...rest,
      },
      sessions: {
        from: { connector: 'async-session', path: '/hooks/s', verify: { bearer: [secret] }, ...common, ...sessions },
        to: { broker: 'out', topic: 'sessions' },
        ...rest,
      },
      ...(options.wapi && {
        wapi: {
          from: { connector: 'wapi', account: 'acme', ...options.wapi },
          to: { broker: 'out', topic: 'wapi' },
          ...rest,
        },
      }),
    },
  });
  await writeFile(configFile, text);
  let running = new AsyncDisposableStack();
  return {
    configFile,
    hooksUrl: `http://127.0.0.1:${hooks}`,
    requestsUrl: `http://127.0.0.1:${desk}/requests`,
    healthUrl: `http://127.0.0.1:${health}`,
    async stored(topic) {
      const events: Stored[] = [];
      for await (const { line } of readLog(dir, topic)) events.push(JSON.parse(line.toString()) as Stored);
      return events;
    },
    start(timing = {}, edit = (written) => written) {
      const present = () => edit(text);
      const all = { stalledLookMs: 20, ...timing };
      return startConfigured({ file: configFile, text: present(), present, sinkTypes, timing: all }, running);
    },
    async stop() {
      const stopping = running;
      running = new AsyncDisposableStack();
      await stopping.disposeAsync();
    },
    async [Symbol.asyncDispose]() {
      await running.disposeAsync();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Calls back as OS1 does. The next bridge listens on the same port: no connection to the last one is kept. */
export async function callBack(url: string, callback: object): Promise<number> {
  const body = JSON.stringify(callback);
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-os1-signature': signature, connection: 'close' };
  return (await fetch(url, { method: 'POST', body, headers })).status;
}

/** Sends what a session webhook sends. */
export async function sendStatus(url: string, status: object): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}`, connection: 'close' };
  return (await fetch(url, { method: 'POST', body: JSON.stringify(status), headers })).status;
}

/** A request by an application. */
export function request(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close', ...headers },
  });
}

/** A command to `wapi` by an application. */
export function orderCommand(
  { requestsUrl }: Pick<RequestingHome, 'requestsUrl'>,
  command: string,
  correlationId: string,
): Promise<Response> {
  return fetch(`${requestsUrl}/wapi/wapi/xml`, {
    method: 'POST',
    body: `<request><command>${command}</command></request>`,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/xml',
      connection: 'close',
      'x-correlation-id': correlationId,
    },
  });
}
