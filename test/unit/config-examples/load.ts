import { connectors } from '../../../connectors/index.ts';
import { type Loaded, loadConfiguration } from '../../../src/config/load.ts';
import { sinkTypes } from '../../../src/sinks/index.ts';

/** Any variable is set. */
const env = new Proxy<Record<string, string>>(
  {},
  {
    get: () => 'secret',
    getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: 'secret', writable: true }),
  },
);

/** Loads an example with every secret there. */
export function load(text: string): Promise<Loaded> {
  const readFile = async (path: string) => (path.endsWith('.pem') ? '-----BEGIN CERTIFICATE-----' : 'secret');
  return loadConfiguration({ file: '/etc/feedferry/feedferry.yaml', text, connectors, sinkTypes, env, readFile });
}
