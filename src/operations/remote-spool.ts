import { spoolOutput } from '../http/spool-wire.ts';
import type { Operations } from './operations.ts';
import { callRemote, type RemoteOptions } from './remote-call.ts';

/** What a running daemon says of its spool, over its admin listener. */
export function remoteSpool(options: RemoteOptions): Pick<Operations, 'spool'> {
  return {
    async spool() {
      const { timeToFullMs, refusing, feeds, ...state } = await callRemote(
        options,
        { method: 'GET', path: 'spool', timeoutMs: 30_000 },
        spoolOutput,
      );
      return { ...state, timeToFullMs, refusing, feeds: feeds.map(({ oldestAt, ...use }) => ({ ...use, oldestAt })) };
    },
  };
}
