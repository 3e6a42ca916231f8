import { join } from 'node:path';
import type { Operations } from '../../../src/operations/operations.ts';
import { kafkaSinkType } from '../../../src/sinks/kafka/index.ts';
import type { DaemonTiming } from '../../../src/timing.ts';
import { startConfigured } from '../configured-daemon.ts';
import type { Recorder } from '../recorder.ts';
import { createWorkplace } from '../workplace.ts';

export type Client = 'platformatic' | 'kafkajs';
export const clients: readonly Client[] = ['platformatic', 'kafkajs'];

/** One pipeline from a simulator to a broker of the same daemon. */
export interface PipelineSettings {
  /** Of its simulator. */
  readonly baseUrl: string;
  /** Default: all. */
  readonly feeds?: readonly string[];
  /** Name of an entry in `brokers`; default: `kafka`. */
  readonly broker?: string;
  /** Under `to`, besides broker: the topic at least. */
  readonly to: Readonly<Record<string, unknown>>;
}

export interface KafkaDaemonOptions {
  /** Under `brokers`, besides `type: kafka`. */
  readonly brokers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly pipelines: Readonly<Record<string, PipelineSettings>>;
  readonly timing?: Partial<DaemonTiming>;
}

/** A daemon in this process that publishes to Kafka. Disposing of it stops it at once. */
export interface KafkaDaemon extends AsyncDisposable {
  readonly recorder: Recorder;
  readonly operations: Operations;
  /** What the health listener says of each feed. */
  feeds(): Promise<Readonly<Record<string, FeedHealth>>>;
}

export interface FeedHealth {
  readonly status: string;
  readonly state: string;
  readonly lastError: { readonly code: string; readonly hint?: string } | null;
}

function configText({ brokers, pipelines }: KafkaDaemonOptions, stateDir: string): string {
  const configuration = {
    version: 1,
    state: { dir: stateDir },
    listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0' },
    brokers: Object.fromEntries(
      Object.entries(brokers).map(([name, settings]) => [name, { type: 'kafka', ...settings }]),
    ),
    pipelines: Object.fromEntries(
      Object.entries(pipelines).map(([name, { baseUrl, feeds = 'all', broker = 'kafka', to }]) => [
        name,
        { from: { connector: 'fenergo', baseUrl, feeds, schedule: { every: '200ms' } }, to: { broker, ...to } },
      ]),
    ),
  };
  // JSON is YAML.
  return JSON.stringify(configuration);
}

/** Everything from the configuration file on is real. */
export async function startKafkaDaemon(options: KafkaDaemonOptions): Promise<KafkaDaemon> {
  await using resources = new AsyncDisposableStack();
  const workplace = resources.use(await createWorkplace());
  const { recorder, operations, healthUrl } = await startConfigured(
    {
      file: join(workplace.path, 'feedferry.yaml'),
      text: configText(options, join(workplace.path, 'state')),
      sinkTypes: [kafkaSinkType],
      timing: { drainMs: 50, ...options.timing },
    },
    resources,
  );
  const opened = resources.move();
  return {
    recorder,
    operations,
    async feeds() {
      const response = await fetch(`${healthUrl}/healthz`);
      return ((await response.json()) as { feeds: Record<string, FeedHealth> }).feeds;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
