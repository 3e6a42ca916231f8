import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a bridge publishes. */
export interface Destination {
  /** As under `brokers`. Its type is its name too. */
  readonly broker: { readonly type: string; readonly [setting: string]: unknown };
  /** As in `to`, without the broker. */
  readonly to: Readonly<Record<string, unknown>>;
}

export interface HomeOptions {
  /** Of the simulator. */
  readonly baseUrl: string;
  /** Several: brokers of different types. */
  readonly destinations: readonly Destination[];
  /** Of the source, over the usual ones: `{ partitionBy: 'entity' }`. */
  readonly from?: Readonly<Record<string, unknown>>;
  /** Default: at-least-once. */
  readonly delivery?: 'exactly-once' | undefined;
  /** Default: broker. */
  readonly ack?: 'spool' | undefined;
  /** Under `state`: `{ spool: { maxBytes: '1MiB' } }`. */
  readonly state?: Readonly<Record<string, unknown>>;
}

/** What a bridge under test has on the disk. Disposing of it deletes all. */
export interface BridgeHome extends AsyncDisposable {
  readonly configFile: string;
  readonly stateDir: string;
  readonly logDir: string;
}

/** The embedded log in the bridge's home. Its segments are small, so that kills meet the change of segments too. */
export const logAtHome: Destination = { broker: { type: 'log', dir: 'events', segmentBytes: '256KiB' }, to: {} };

/** Makes a folder with a configuration that carries the six feeds of a simulator as pipeline `fenergo`. */
export async function makeBridgeHome({
  baseUrl,
  destinations,
  from = {},
  delivery,
  ack,
  state,
}: HomeOptions): Promise<BridgeHome> {
  const root = await mkdtemp(join(tmpdir(), 'feedferry-crash-'));
  const stateDir = join(root, 'state');
  const logDir = join(root, 'events');
  const configFile = join(root, 'feedferry.yaml');
  const to = destinations.map((destination) => ({ broker: destination.broker.type, ...destination.to }));
  const configuration = {
    version: 1,
    state: { dir: stateDir, ...state },
    listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0' },
    brokers: Object.fromEntries(destinations.map(({ broker }) => [broker.type, broker])),
    pipelines: {
      fenergo: {
        from: { connector: 'fenergo', baseUrl, feeds: 'all', schedule: { every: '200ms' }, ...from },
        to: to.length === 1 ? to[0] : to,
        ...(delivery && { delivery }),
        ...(ack && { ack }),
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
