import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageStart } from '../../test/support/image-start.ts';
import { type MeasuredChild, startScript } from './child.ts';

const script = join(import.meta.dirname, '../../dist/src/main.js');

/** What a benchmark chooses of a configuration, as it stands there. */
export interface BridgeSettings {
  readonly broker: object;
  /** The one pipeline. Its destination is at the broker `out`. */
  readonly pipeline: { readonly name: string; readonly from: object; readonly to: object };
  /** Besides health and admin. */
  readonly listen?: object;
}

/** Starts the bridge as it is built, as the image starts it. All that it writes is in `dir`. */
export async function startBridge(
  dir: string,
  { broker, pipeline: { name, from, to }, listen = {} }: BridgeSettings,
  nodeOptions: readonly string[] = [],
): Promise<MeasuredChild> {
  const file = join(dir, 'feedferry.yaml');
  const configuration = {
    version: 1,
    state: { dir: join(dir, 'state') },
    listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0', ...listen },
    brokers: { out: broker },
    pipelines: { [name]: { from, to: { broker: 'out', ...to } } },
  };
  // JSON is YAML.
  await writeFile(file, JSON.stringify(configuration, undefined, 2));
  const { nodeOptions: ofImage, env } = imageStart();
  return startScript(script, ['run', '-c', file], [...ofImage, ...nodeOptions], env);
}
