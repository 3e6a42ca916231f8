import { startBridge } from '../support/bridge.ts';
import type { MeasuredChild } from '../support/child.ts';
import { path, secret } from './request.ts';
import type { Start } from './subject.ts';

const pointers = { id: '/body/id', type: '/body/type', time: '/body/at', partitionkey: '/body/key' };
const jsonata = { id: 'body.id', type: '"com.example." & body.type', time: 'body.at', partitionkey: 'body.key' };

/** Starts the bridge with one path for any webhook. `broker` and `to` as in a configuration. */
export function startHookedBridge(
  { port, dir, what }: Start,
  { broker, to }: { readonly broker: object; readonly to: object },
  nodeOptions: readonly string[] = [],
): Promise<MeasuredChild> {
  const from = {
    connector: 'webhook',
    account: 'bench',
    path,
    verify: what.signed ? { preset: 'github', keys: [secret] } : 'none',
    event: what.fields === 'jsonata' ? jsonata : pointers,
  };
  const listen = { hooks: `127.0.0.1:${port}` };
  return startBridge(dir, { broker, pipeline: { name: 'bench', from, to }, listen }, nodeOptions);
}
