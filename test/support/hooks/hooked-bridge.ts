import { join } from 'node:path';
import type { AnySinkType } from '../../../src/core/sink-type.ts';
import { sinkTypes } from '../../../src/sinks/index.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import { type ConfiguredDaemon, startConfigured } from '../configured-daemon.ts';
import { createWorkplace } from '../workplace.ts';

export interface HookedBridgeOptions {
  /** Flow YAML: pipelines by name, as they stand under `pipelines`. */
  readonly pipelines: Readonly<Record<string, object>>;
  /** In place of the embedded log, which is called `out`. */
  readonly brokers?: Readonly<Record<string, object>>;
  /** Default: all there are. */
  readonly sinkTypes?: readonly AnySinkType[];
  /** Where the log and the state are, in place of a folder of its own. */
  readonly dir?: string;
}

/** An event as it is stored, and its data as text. */
export interface StoredEvent {
  readonly event: Readonly<Record<string, unknown>>;
  readonly data: string;
}

/** A bridge in this process, with a listener for webhooks. */
export interface HookedBridge extends AsyncDisposable, ConfiguredDaemon {
  /** Of a path such as `/hooks/os1`. */
  url(path: string): string;
  /** The events that the log has in a topic, as they are there, in order. */
  lines(topic: string): Promise<readonly string[]>;
  /** The same, read. */
  stored(topic: string): Promise<readonly StoredEvent[]>;
  /** The bytes of the dead letters of a feed. */
  letters(feed: `${string}/${string}`): Promise<readonly string[]>;
}

export async function startHookedBridge(options: HookedBridgeOptions): Promise<HookedBridge> {
  await using resources = new AsyncDisposableStack();
  const workplace = resources.use(await createWorkplace());
  const dir = join(options.dir ?? workplace.path, 'events');
  const configuration = {
    version: 1,
    state: { dir: join(options.dir ?? workplace.path, 'state') },
    listen: { hooks: '127.0.0.1:0', health: '127.0.0.1:0', admin: '127.0.0.1:0' },
    brokers: options.brokers ?? { out: { type: 'log', dir } },
    pipelines: options.pipelines,
  };
  const file = join(workplace.path, 'feedferry.yaml');
  const started = await startConfigured(
    { file, text: JSON.stringify(configuration), sinkTypes: options.sinkTypes ?? sinkTypes },
    resources,
  );
  const opened = started.recorder.of('listener.opened').find(({ listener }) => listener === 'hooks');
  const owned = resources.move();
  async function lines(topic: string): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const { line } of readLog(dir, topic)) found.push(line.toString());
    return found;
  }
  return {
    ...started,
    lines,
    url: (path) => `http://${opened?.address}${path}`,
    async stored(topic) {
      const events = (await lines(topic)).map((line) => JSON.parse(line) as Record<string, unknown>);
      return events.map((event) => ({ event, data: JSON.stringify(event['data']) }));
    },
    async letters(feed) {
      const letters = await started.operations.deadLetters({ feed, limit: 10_000 });
      return letters.map(({ record }) => Buffer.from(record.bytes).toString());
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
