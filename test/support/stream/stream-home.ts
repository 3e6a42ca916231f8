import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Destination } from '../bridge/bridge-home.ts';

/** What a bridge that reads a stream has on the disk. */
export interface StreamHome extends AsyncDisposable {
  readonly configFile: string;
  readonly stateDir: string;
  readonly logDir: string;
}

/** A configuration with one pipeline, `streamed`, whose feed is `streamed/events`. `destination`: default: a log in the home. `pipeline`: besides `from` and `to`. */
export async function makeStreamHome(
  origin: string,
  destination?: Destination,
  pipeline: Readonly<Record<string, unknown>> = {},
): Promise<StreamHome> {
  const root = await mkdtemp(join(tmpdir(), 'feedferry-stream-'));
  const [stateDir, logDir, configFile] = [join(root, 'state'), join(root, 'events'), join(root, 'feedferry.yaml')];
  const told = { type: 'log', dir: logDir, segmentBytes: '256KiB' };
  const { broker, to } = destination ?? { broker: { ...told, type: 'log' }, to: { topic: 'events' } };
  const configuration = {
    version: 1,
    state: { dir: stateDir },
    listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0' },
    brokers: { told, out: broker },
    pipelines: {
      streamed: {
        from: {
          connector: 'sse',
          account: 'acme',
          baseUrl: origin,
          path: 'events',
          retry: { min: '50ms', max: '1s' },
          event: { id: '/body/id', type: '"com.example.sample"', partitionkey: '/body/key' },
        },
        to: { broker: 'out', ...to },
        ...(destination && { bridgeEvents: { broker: 'told', topic: 'told' } }),
        ...pipeline,
      },
    },
  };
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(configuration, undefined, 2));
  return { configFile, stateDir, logDir, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}
