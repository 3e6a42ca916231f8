import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageOptions } from '../../test/support/image-options.ts';
import { type MeasuredChild, startScript } from '../support/child.ts';

const root = join(import.meta.dirname, '../..');

/** Starts the bridge as it is built, with the six feeds as pipeline `fenergo`. `broker` and `to` as in a configuration. */
export async function startBridge(
  { baseUrl, dir, broker, to }: { baseUrl: string; dir: string; broker: object; to: object },
  nodeOptions: readonly string[] = [],
): Promise<MeasuredChild> {
  const file = join(dir, 'feedferry.yaml');
  const configuration = {
    version: 1,
    state: { dir: join(dir, 'state') },
    listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0' },
    brokers: { out: broker },
    pipelines: {
      fenergo: { from: { connector: 'fenergo', baseUrl, feeds: 'all' }, to: { broker: 'out', ...to } },
    },
  };
  // JSON is YAML.
  await writeFile(file, JSON.stringify(configuration, undefined, 2));
  const script = join(root, 'dist/src/main.js');
  return startScript(script, ['run', '-c', file], [...imageOptions(), ...nodeOptions]);
}
