import * as wire from '../http/dead-letter-wire.ts';
import type { Operations } from './operations.ts';
import { callRemote, type RemoteOptions } from './remote-call.ts';

/** Longer than the daemon waits for a broker. */
const redriveMs = 90_000;
const timeoutMs = 30_000;

type Closing = Pick<Operations, 'redrive' | 'discardDeadLetters' | 'deadLetterCounts'>;

/** How a running daemon brings dead letters to an end, over its admin listener. */
export function remoteClosing(options: RemoteOptions): Closing {
  return {
    redrive(id, body) {
      const path = `dead-letters/${encodeURIComponent(id)}/redrive`;
      return callRemote(options, { method: 'POST', path, body, timeoutMs: redriveMs }, wire.redriveOutput);
    },
    async discardDeadLetters(ids, { reason }) {
      const body = { ids, reason };
      const call = { method: 'POST', path: 'dead-letters/discard', body, timeoutMs } as const;
      return (await callRemote(options, call, wire.discardLettersOutput)).discarded;
    },
    deadLetterCounts: async () =>
      (await callRemote(options, { method: 'GET', path: 'dead-letter-counts', timeoutMs }, wire.countsOutput)).counts,
  };
}
