import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Destination } from '../bridge/bridge-home.ts';
import { freePortNumbers } from '../free-ports.ts';

export interface HookHomeOptions {
  /** Default: the embedded log in the home. */
  readonly destination?: Destination;
  /** Under `listen.hooks`. */
  readonly hooks?: Readonly<Record<string, unknown>>;
  /** Under `from`, over the usual ones: any JSON with an id from anybody. */
  readonly from?: Readonly<Record<string, unknown>>;
  /** Of the pipeline, besides `from` and `to`. */
  readonly pipeline?: Readonly<Record<string, unknown>>;
}

/** What a bridge for webhooks has on the disk, and where it listens each time that it is started. */
export interface HookHome extends AsyncDisposable {
  readonly configFile: string;
  readonly stateDir: string;
  readonly logDir: string;
  readonly port: number;
  readonly url: string;
  readonly healthUrl: string;
}

/** A configuration with one pipeline, `hooked`, whose feed is `hooked/events`. */
export async function makeHookHome(options: HookHomeOptions = {}): Promise<HookHome> {
  const { hooks = {}, from = {}, pipeline = {} } = options;
  const root = await mkdtemp(join(tmpdir(), 'feedferry-hooks-'));
  const [stateDir, logDir, configFile] = [join(root, 'state'), join(root, 'events'), join(root, 'feedferry.yaml')];
  const [port = 0, health = 0] = await freePortNumbers(2);
  const destination = options.destination ?? { broker: { type: 'log', dir: logDir }, to: { topic: 'hooked' } };
  const { broker, to } = destination;
  const configuration = {
    version: 1,
    state: { dir: stateDir },
    listen: {
      hooks: { address: `127.0.0.1:${port}`, ...hooks },
      health: `127.0.0.1:${health}`,
      admin: '127.0.0.1:0',
    },
    brokers: { [broker.type]: broker },
    pipelines: {
      hooked: {
        from: {
          connector: 'webhook',
          account: 'acme',
          path: '/hooks/sample',
          verify: 'none',
          event: { id: '/body/id', type: '"com.example.sample"', partitionkey: '/body/key' },
          ...from,
        },
        to: { broker: broker.type, ...to },
        ...pipeline,
      },
    },
  };
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(configuration, undefined, 2));
  return {
    configFile,
    stateDir,
    logDir,
    port,
    url: `http://127.0.0.1:${port}/hooks/sample`,
    healthUrl: `http://127.0.0.1:${health}`,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
