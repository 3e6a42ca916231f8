import { copyFileSync, existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Destination } from './bridge/bridge-home.ts';

export interface WapiHome extends AsyncDisposable {
  readonly configFile: string;
  readonly logDir: string;
  readonly text: string;
  /** Ids of the batches of which records were set aside, in order. */
  setAside(): readonly string[];
}

export interface WapiHomeOptions {
  readonly baseUrl: string;
  /** Default: the embedded log in the home, topic `wapi`. */
  readonly destination?: Destination;
  readonly from?: Readonly<Record<string, unknown>>;
  readonly pipeline?: Readonly<Record<string, unknown>>;
  readonly listen?: Readonly<Record<string, unknown>>;
}

export const wapiCredentials = { user: 'tester', password: 'simulated-password' } as const;

/** A configuration with one pipeline, `wapi`, whose feed `wapi/notifications` is polled every 200 ms. */
export async function makeWapiHome({
  baseUrl,
  from,
  pipeline,
  listen,
  ...options
}: WapiHomeOptions): Promise<WapiHome> {
  const root = await mkdtemp(join(tmpdir(), 'feedferry-wapi-'));
  const [stateDir, logDir, configFile] = [join(root, 'state'), join(root, 'events'), join(root, 'feedferry.yaml')];
  const destination = options.destination ?? { broker: { type: 'log', dir: logDir }, to: { topic: 'wapi' } };
  const { broker, to } = destination;
  const text = JSON.stringify({
    version: 1,
    state: { dir: stateDir },
    listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0', ...listen },
    brokers: { [broker.type]: broker },
    pipelines: {
      wapi: {
        from: {
          connector: 'wapi',
          account: 'tester',
          api: { baseUrl, ...wapiCredentials },
          poll: { schedule: { every: '200ms' } },
          ...from,
        },
        to: { broker: broker.type, ...to },
        ...pipeline,
      },
    },
  });
  // JSON is YAML.
  await writeFile(configFile, text);
  let copies = 0;
  return {
    configFile,
    logDir,
    text,
    setAside() {
      // The bridge holds the file alone: it is read from a copy.
      const copy = join(root, `copy-${++copies}.db`);
      copyFileSync(join(stateDir, 'state.db'), copy);
      if (existsSync(join(stateDir, 'state.db-wal'))) copyFileSync(join(stateDir, 'state.db-wal'), `${copy}-wal`);
      using database = new DatabaseSync(copy);
      const rows = database.prepare('SELECT batch_id FROM dead_letters ORDER BY seq').all();
      return rows.map(({ batch_id }) => String(batch_id));
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
