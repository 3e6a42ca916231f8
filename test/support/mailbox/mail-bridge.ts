import { join } from 'node:path';
import { sinkTypes } from '../../../src/sinks/index.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import type { DaemonTiming } from '../../../src/timing.ts';
import { type ConfiguredDaemon, startConfigured } from '../configured-daemon.ts';
import { createWorkplace } from '../workplace.ts';

export interface MailBridgeOptions {
  readonly port: number;
  readonly user: string;
  /** Under `mailbox`, besides host, port, user and password. */
  readonly mailbox?: Readonly<Record<string, unknown>>;
  /** Default: none. */
  readonly trust?: unknown;
  /** Of the pipeline, besides from and to. */
  readonly pipeline?: Readonly<Record<string, unknown>>;
  readonly timing?: Partial<DaemonTiming>;
}

/** The pipeline `wapi`, whose one feed is `wapi/notifications`, as it stands in a file: from a mailbox into the log. */
export function mailConfiguration(options: MailBridgeOptions, dir: string): string {
  const { port, user, mailbox = {}, trust = 'none', pipeline = {} } = options;
  const account = { host: '127.0.0.1', port, security: 'none', user, password: 'secret' };
  return JSON.stringify({
    version: 1,
    state: { dir: join(dir, 'state') },
    listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0' },
    brokers: { local: { type: 'log', dir: join(dir, 'events') } },
    pipelines: {
      wapi: {
        from: { connector: 'wapi', account: 'tester', delivery: 'mail', mailbox: { ...account, ...mailbox }, trust },
        to: { broker: 'local', topic: 'wapi' },
        ...pipeline,
      },
    },
  });
}

export interface MailBridge extends ConfiguredDaemon, AsyncDisposable {
  /** Ids of the events in the log, in its order. */
  published(): Promise<readonly string[]>;
}

/** A daemon in this process that carries a mailbox into the log. */
export async function startMailBridge(options: MailBridgeOptions): Promise<MailBridge> {
  await using resources = new AsyncDisposableStack();
  const workplace = resources.use(await createWorkplace());
  const daemon = await startConfigured(
    {
      file: join(workplace.path, 'feedferry.yaml'),
      text: mailConfiguration(options, workplace.path),
      sinkTypes,
      timing: { drainMs: 2_000, ...options.timing },
    },
    resources,
  );
  const opened = resources.move();
  return {
    ...daemon,
    async published() {
      const ids: string[] = [];
      for await (const { line } of readLog(join(workplace.path, 'events'), 'wapi')) {
        ids.push((JSON.parse(line) as { id: string }).id);
      }
      return ids;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
