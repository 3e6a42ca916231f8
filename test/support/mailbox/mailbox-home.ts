import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Destination } from '../bridge/bridge-home.ts';

/** What a bridge that reads a mailbox has on the disk. */
export interface MailboxHome extends AsyncDisposable {
  readonly configFile: string;
  readonly stateDir: string;
}

/**
 * A configuration with one pipeline, `wapi`, that takes notifications of WAPI from a mailbox of 127.0.0.1. `mailbox`: its
 * port, user and what else stands under `mailbox`.
 */
export async function makeMailboxHome(
  mailbox: { readonly port: number; readonly user: string; readonly done?: string },
  { broker, to }: Destination,
): Promise<MailboxHome> {
  const root = await mkdtemp(join(tmpdir(), 'feedferry-mail-'));
  const [stateDir, configFile] = [join(root, 'state'), join(root, 'feedferry.yaml')];
  const configuration = {
    version: 1,
    state: { dir: stateDir },
    listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0' },
    brokers: { [broker.type]: broker },
    pipelines: {
      wapi: {
        from: {
          connector: 'wapi',
          account: 'tester',
          delivery: 'mail',
          mailbox: { host: '127.0.0.1', security: 'none', password: 'secret', ...mailbox },
          trust: 'none',
        },
        to: { broker: broker.type, ...to },
      },
    },
  };
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(configuration));
  return { configFile, stateDir, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}
