import * as wire from '../http/parked-wire.ts';
import type { Operations } from './operations.ts';
import { callRemote, type RemoteOptions } from './remote-call.ts';

/** Longer than a release goes on in one call. */
const releaseMs = 90_000;

/** What a running daemon does about parked keys, over its admin listener. */
export function remoteParking(options: RemoteOptions): Pick<Operations, 'parkedKeys' | 'releaseKey'> {
  return {
    parkedKeys: async () =>
      (await callRemote(options, { method: 'GET', path: 'parked', timeoutMs: 30_000 }, wire.parkedOutput)).keys,
    releaseKey(feed, body) {
      const path = `feeds/${feed.split('/').map(encodeURIComponent).join('/')}/release`;
      return callRemote(options, { method: 'POST', path, body, timeoutMs: releaseMs }, wire.releaseOutput);
    },
  };
}
