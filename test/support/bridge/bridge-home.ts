import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where a bridge publishes: the log in its home, or a Kafka broker (`host:port`, several with commas between them), to
 * the topics `<topicPrefix><feed>`. `settings` go over those of the broker: `{ client: 'kafkajs' }`.
 */
export type Destination =
  | { readonly kind: 'log' }
  | {
      readonly kind: 'kafka';
      readonly bootstrap: string;
      readonly topicPrefix: string;
      readonly settings?: Readonly<Record<string, unknown>>;
    };

export interface HomeOptions {
  /** Of the simulator. */
  readonly baseUrl: string;
  readonly destination: Destination;
  /** Of the source, over the usual ones: `{ partitionBy: 'entity' }`. */
  readonly from?: Readonly<Record<string, unknown>>;
  /** Of the destination, over the usual ones. */
  readonly to?: Readonly<Record<string, unknown>>;
  /** Default: at-least-once. */
  readonly delivery?: 'exactly-once' | undefined;
}

/** What a bridge under test has on the disk. Disposing of it deletes all. */
export interface BridgeHome extends AsyncDisposable {
  readonly configFile: string;
  readonly stateDir: string;
  readonly logDir: string;
}

/** Small, so that kills meet the change of segments too. */
const segmentBytes = '256KiB';

function brokerOf(destination: Destination, logDir: string): object {
  switch (destination.kind) {
    case 'log':
      return { type: 'log', dir: logDir, segmentBytes };
    case 'kafka':
      return { type: 'kafka', bootstrap: destination.bootstrap.split(','), ...destination.settings };
  }
}

/** Makes a folder with a configuration that carries the six feeds of a simulator as pipeline `fenergo`. */
export async function makeBridgeHome({
  baseUrl,
  destination,
  from = {},
  to = {},
  delivery,
}: HomeOptions): Promise<BridgeHome> {
  const root = await mkdtemp(join(tmpdir(), 'feedferry-crash-'));
  const stateDir = join(root, 'state');
  const logDir = join(root, 'events');
  const configFile = join(root, 'feedferry.yaml');
  const topic = destination.kind === 'kafka' ? { topic: `${destination.topicPrefix}{feed}` } : {};
  const configuration = {
    version: 1,
    state: { dir: stateDir },
    listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0' },
    brokers: { out: brokerOf(destination, logDir) },
    pipelines: {
      fenergo: {
        from: { connector: 'fenergo', baseUrl, feeds: 'all', schedule: { every: '200ms' }, ...from },
        to: { broker: 'out', ...topic, ...to },
        ...(delivery && { delivery }),
      },
    },
  };
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(configuration, undefined, 2));
  return {
    configFile,
    stateDir,
    logDir,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
