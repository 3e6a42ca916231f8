import type { FeedName } from '../core/batch.ts';
import { registeredOutput } from '../http/registration-wire.ts';
import type { Operations } from './operations.ts';
import { callRemote, type RemoteOptions } from './remote-call.ts';

/** Some requests to the upstream, one after the other. */
const registerMs = 180_000;

/** What a running daemon does about registrations, over its admin listener. */
export function remoteRegistration(options: RemoteOptions): Pick<Operations, 'register' | 'unregister'> {
  const post = (feed: FeedName, act: string, reason: string) => {
    const path = `feeds/${feed.split('/').map(encodeURIComponent).join('/')}/${act}`;
    return callRemote(options, { method: 'POST', path, body: { reason }, timeoutMs: registerMs }, registeredOutput);
  };
  return {
    register: (feed, reason) => post(feed, 'register', reason),
    unregister: (feed, reason) => post(feed, 'unregister', reason),
  };
}
