import { join } from 'node:path';
import type { AnySinkType } from '../../src/core/sink-type.ts';
import type { Daemon } from '../../src/daemon.ts';
import type { Operations } from '../../src/operations/operations.ts';
import { sinkTypes } from '../../src/sinks/index.ts';
import { readLog } from '../../src/sinks/log/read-log.ts';
import { type DaemonTiming, daemonTiming } from '../../src/timing.ts';
import { type ConfiguredDaemonOptions, startConfigured } from './configured-daemon.ts';
import type { Recorder } from './recorder.ts';
import { createWorkplace, type Workplace } from './workplace.ts';

export interface BridgeOptions extends Omit<ConfiguredDaemonOptions, 'file' | 'text' | 'sinkTypes'> {
  /** Of the simulator, or of what plays its part. */
  readonly baseUrl: string;
  /** Lines of YAML under `from`, besides connector and baseUrl. Default: all feeds, asked every 200 ms. */
  readonly from?: readonly string[];
  /** Default: one of its own, gone with the bridge. */
  readonly workplace?: Workplace;
  /** Folder of the state; default: `state` in the workplace. */
  readonly stateDir?: string;
  /** Type of the broker, in place of the log. */
  readonly sinkType?: AnySinkType;
  /** Flow YAML: the brokers, in place of the log `local`, and what stands under `to`. */
  readonly brokers?: string;
  readonly to?: string;
  /** Acknowledged from the spool, of this size (`1MiB`). Default: from the broker. */
  readonly spool?: string;
  /** Flow YAML: where copies of dead letters go. Default: nowhere. */
  readonly deadLetters?: string;
  /** Lines of YAML: pipelines besides `fenergo`. */
  readonly neighbours?: readonly string[];
  /** Line of YAML under `listen`, in place of an admin listener without a token. */
  readonly admin?: string;
}

/** An event as it stands in the log. */
export interface Published {
  readonly id: string;
  readonly line: string;
}

/** A daemon in this process, with its log sink, its state and its listeners. Disposing of it stops it at once. */
export interface Bridge extends AsyncDisposable {
  readonly daemon: Daemon;
  readonly recorder: Recorder;
  /** What an operator can do, over the admin listener. */
  readonly operations: Operations;
  readonly adminUrl: string;
  /** What the topic `<prefix>.<feed>`, by default `fenergo.…`, of the log in `dir`, by default `events`, holds, in its order. */
  published(feed: string, dir?: string, prefix?: string): Promise<readonly Published[]>;
  /** Asks the health listener. */
  health(path: string): Promise<{ readonly status: number; readonly body: Health }>;
  drain(): Promise<{ readonly drained: boolean }>;
}

/** What the health listener's answers hold, as far as tests look at it. */
export interface Health {
  readonly status?: string;
  readonly ready?: boolean;
  readonly reasons?: readonly string[];
  readonly feeds: Readonly<
    Record<string, { readonly status: string; readonly state: string; readonly lastError: { code: string } | null }>
  >;
}

function configText(options: BridgeOptions, stateDir: string): string {
  const from = options.from ?? ['feeds: all', 'schedule: { every: 200ms }'];
  return `version: 1
state: { dir: ${JSON.stringify(stateDir)}${options.spool === undefined ? '' : `, spool: { maxBytes: ${options.spool} }`} }
listen: { health: "127.0.0.1:0", ${options.admin ?? 'admin: "127.0.0.1:0"'} }
brokers: ${options.brokers ?? '{ local: { type: log, dir: ./events } }'}
pipelines:
  fenergo:
    from:
      connector: fenergo
      baseUrl: ${JSON.stringify(options.baseUrl)}
${from.map((line) => `      ${line}\n`).join('')}
    to: ${options.to ?? '{ broker: local }'}
${[
  ...(options.spool === undefined ? [] : ['    ack: spool']),
  ...(options.deadLetters === undefined ? [] : [`    deadLetters: ${options.deadLetters}`]),
  ...(options.neighbours ?? []).map((line) => `  ${line}`),
].join('\n')}
`;
}

/** Everything from the configuration file on is real; rejects as `startDaemon` does, and when the file is refused. */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const workplace = options.workplace ?? (await createWorkplace());
  await using resources = new AsyncDisposableStack();
  if (options.workplace === undefined) resources.use(workplace);

  const { daemon, recorder, operations, adminUrl, healthUrl } = await startConfigured(
    {
      ...options,
      file: join(workplace.path, 'feedferry.yaml'),
      text: configText(options, options.stateDir ?? join(workplace.path, 'state')),
      sinkTypes: sinkTypes.map((sinkType) => (sinkType.type === options.sinkType?.type ? options.sinkType : sinkType)),
      timing: { drainMs: 2_000, ...options.timing },
    },
    resources,
  );
  const opened = resources.move();
  return {
    daemon,
    recorder,
    operations,
    adminUrl,
    async published(feed, dir = 'events', prefix = 'fenergo') {
      const lines: Published[] = [];
      for await (const { line } of readLog(join(workplace.path, dir), `${prefix}.${feed}`)) {
        lines.push({ id: String((JSON.parse(line) as { id: unknown }).id), line });
      }
      return lines;
    },
    async health(path) {
      const response = await fetch(`${healthUrl}${path}`);
      return { status: response.status, body: (await response.json()) as Health };
    },
    drain: () => daemon.drain('test'),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Waits of milliseconds where the bridge waits for seconds and minutes. */
export const hastily: Partial<DaemonTiming> = {
  poll: {
    ...daemonTiming.poll,
    retry: { baseMs: 20, capMs: 100, jitter: 'upwards' },
    malformed: { baseMs: 5, capMs: 10, jitter: 'upwards' },
  },
};

/** The ids of a feed's events that upstream has handed out, each once, in their order. */
export function handedOut(ledger: readonly { readonly eventIds: readonly string[] }[]): readonly string[] {
  return [...new Set(ledger.flatMap(({ eventIds }) => eventIds))];
}
