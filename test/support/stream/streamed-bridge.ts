import { join } from 'node:path';
import type { AnySinkType } from '../../../src/core/sink-type.ts';
import { sinkTypes } from '../../../src/sinks/index.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import type { StreamTiming } from '../../../src/sources/sse/sse-feed.ts';
import { type ConfiguredDaemon, startConfigured } from '../configured-daemon.ts';
import { createWorkplace, type Workplace } from '../workplace.ts';

/** So that tests need not wait for what takes seconds. */
export const hastyStream: StreamTiming = {
  settledMs: 100,
  heartbeatMs: 50,
  retry: { baseMs: 20, capMs: 100, jitter: 'full' },
  paceMs: 50,
};

export interface StreamedBridgeOptions {
  /** What stands under `from`. */
  readonly from: object;
  /** Beside `from` and `to`. */
  readonly pipeline?: object;
  readonly state?: object;
  readonly timing?: Partial<StreamTiming>;
  readonly sinkType?: AnySinkType;
  /** Where state and events are; default: a folder of its own. */
  readonly workplace?: Pick<Workplace, 'path'>;
  readonly files?: Readonly<Record<string, string>>;
  /** Default: `spool: { maxBytes: 64MiB }`. */
  readonly record?: boolean;
}

export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject?: string;
  readonly data: unknown;
  readonly [attribute: string]: unknown;
}

/** A bridge in this process with one pipeline, `streamed`, into the embedded log. */
export interface StreamedBridge extends AsyncDisposable, ConfiguredDaemon {
  /** What the log has in a topic, in order. Default: that of the events. */
  stored(topic?: string): Promise<readonly StoredEvent[]>;
  /** What `bridgeEvents` has. */
  told(): Promise<readonly StoredEvent[]>;
  ready(): Promise<number>;
  /** Changes the file, and reads it again. */
  reload(from: object): Promise<void>;
}

export async function startStreamedBridge(options: StreamedBridgeOptions): Promise<StreamedBridge> {
  await using resources = new AsyncDisposableStack();
  const workplace = options.workplace ?? resources.use(await createWorkplace());
  const dir = join(workplace.path, 'events');
  const textOf = (from: object) =>
    JSON.stringify({
      version: 1,
      state: { dir: join(workplace.path, 'state'), ...options.state },
      listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0' },
      brokers: { out: { type: 'log', dir } },
      pipelines: {
        streamed: {
          from,
          to: { broker: 'out', topic: 'events' },
          bridgeEvents: { broker: 'out', topic: 'told' },
          ...options.pipeline,
        },
      },
    });
  let text = textOf(options.from);
  const started = await startConfigured(
    {
      file: join(workplace.path, 'feedferry.yaml'),
      text,
      present: () => text,
      sinkTypes: options.sinkType ? [options.sinkType] : sinkTypes,
      timing: { stream: { ...hastyStream, ...options.timing }, stalledLookMs: 50 },
      ...(options.files && { files: options.files }),
      ...(options.record !== undefined && { record: options.record }),
    },
    resources,
  );
  const owned = resources.move();
  const stored = async (topic = 'events') => {
    const events: StoredEvent[] = [];
    for await (const { line } of readLog(dir, topic)) events.push(JSON.parse(line.toString()) as StoredEvent);
    return events;
  };
  return {
    ...started,
    stored,
    told: () => stored('told'),
    ready: async () => (await fetch(`${started.healthUrl}/readyz/streamed`)).status,
    async reload(from) {
      text = textOf(from);
      await started.daemon.reload('test');
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
