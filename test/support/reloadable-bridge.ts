import { join } from 'node:path';
import { BridgeError } from '../../src/core/errors.ts';
import type { ReloadReport } from '../../src/core/reload-report.ts';
import { sinkTypes } from '../../src/sinks/index.ts';
import { readLog } from '../../src/sinks/log/read-log.ts';
import type { DaemonTiming } from '../../src/timing.ts';
import { type ConfiguredDaemon, startConfigured } from './configured-daemon.ts';
import type { Workplace } from './workplace.ts';

/** Parts of a configuration file, as JSON. */
export type Written = Readonly<Record<string, unknown>>;

/** A daemon whose file a test writes anew. Disposing of it stops it. */
export interface ReloadableBridge extends ConfiguredDaemon, AsyncDisposable {
  /** The file says this from now on. */
  write(pipelines: Written, rest?: Written): void;
  writeText(text: string): void;
  /** Writes, and reloads over the admin listener. */
  reload(pipelines: Written, rest?: Written): Promise<ReloadReport>;
  /** Ids in the topics of a feed, in the order in which they were published, topic by topic. */
  published(...topics: readonly string[]): Promise<readonly string[]>;
  /** As `published`, of a topic in another folder than `events`. */
  publishedIn(dir: string, topic: string): Promise<readonly string[]>;
  health(path: string): Promise<{ readonly status: number; readonly body: Written }>;
}

export interface ReloadableOptions {
  readonly timing?: Partial<DaemonTiming>;
  /** Brokers, by name, that cannot be opened right now. Default: none. */
  readonly isClosed?: (broker: string) => boolean;
}

export async function startReloadable(
  workplace: Workplace,
  pipelines: Written,
  { timing = {}, isClosed = () => false }: ReloadableOptions = {},
): Promise<ReloadableBridge> {
  await using resources = new AsyncDisposableStack();
  const textOf = (written: Written, rest: Written = {}): string =>
    JSON.stringify({
      version: 1,
      state: { dir: join(workplace.path, 'state') },
      listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0' },
      brokers: { local: { type: 'log', dir: './events' } },
      pipelines: written,
      ...rest,
    });
  let text = textOf(pipelines);
  const guarded = sinkTypes.map((sinkType) => ({
    ...sinkType,
    async open(...given: Parameters<typeof sinkType.open>) {
      const { brokerName } = given[2];
      if (isClosed(brokerName)) throw new BridgeError('BROKER_NOT_AUTHORISED', `${brokerName} is closed`);
      return sinkType.open(...given);
    },
  }));
  const file = join(workplace.path, 'feedferry.yaml');
  const started = await startConfigured(
    { file, text, present: () => text, sinkTypes: guarded, timing: { drainMs: 5_000, ...timing } },
    resources,
  );
  async function idsIn(dir: string, topic: string): Promise<readonly string[]> {
    const ids: string[] = [];
    for await (const { line } of readLog(join(workplace.path, dir), topic)) {
      ids.push(String((JSON.parse(line) as { id: unknown }).id));
    }
    return ids;
  }

  const opened = resources.move();
  return {
    ...started,
    write(written, rest) {
      text = textOf(written, rest);
    },
    writeText(given) {
      text = given;
    },
    reload(written, rest) {
      text = textOf(written, rest);
      return started.operations.reload();
    },
    published: async (...topics) => (await Promise.all(topics.map((topic) => idsIn('events', topic)))).flat(),
    publishedIn: idsIn,
    async health(path) {
      const response = await fetch(`${started.healthUrl}${path}`);
      return { status: response.status, body: (await response.json()) as Written };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
