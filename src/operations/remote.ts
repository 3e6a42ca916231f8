import type { z } from 'zod';
import type { FeedName } from '../core/batch.ts';
import * as wire from '../http/admin-wire.ts';
import { reloadOutput } from '../http/reload-wire.ts';
import type { Operations } from './operations.ts';
import { remoteAudit } from './remote-audit.ts';
import { callRemote, type RemoteOptions } from './remote-call.ts';
import { remoteClosing } from './remote-closing.ts';
import { remoteParking } from './remote-parking.ts';
import { remoteRegistration } from './remote-registration.ts';
import { remoteSpool } from './remote-spool.ts';

/** Milliseconds. `read`: from the daemon's state; `upstream`: asks upstream too; `discard`: five calls of two minutes; `reload`: waits for such a call. */
const timeouts = { read: 30_000, upstream: 180_000, discard: 15 * 60_000, reload: 15 * 60_000 } as const;

/** Operations of a running daemon, over its admin listener. Also reject with ADMIN_UNREACHABLE and ADMIN_REFUSED. */
export function remoteOperations(options: RemoteOptions): Operations {
  const pathOf = (feed: FeedName): string => `feeds/${feed.split('/').map(encodeURIComponent).join('/')}`;

  const get = <Output>(
    path: string,
    output: z.ZodType<Output>,
    query: Readonly<Record<string, string | number | undefined>> = {},
    timeoutMs: number = timeouts.read,
  ): Promise<Output> => callRemote(options, { method: 'GET', path, query, timeoutMs }, output);

  const post = <Output>(
    path: string,
    output: z.ZodType<Output>,
    body: unknown,
    timeoutMs: number = timeouts.upstream,
  ): Promise<Output> => callRemote(options, { method: 'POST', path, body, timeoutMs }, output);

  return {
    feedState: async (feed) => (await get(pathOf(feed), wire.feedStateOutput)).state,
    async pause(feed, reason) {
      await post(`${pathOf(feed)}/pause`, wire.doneOutput, { reason });
    },
    async resume(feed, reason) {
      await post(`${pathOf(feed)}/resume`, wire.doneOutput, { reason });
    },
    async peek(feed) {
      const { batch } = await get(`${pathOf(feed)}/open-batch`, wire.peekOutput, {}, timeouts.upstream);
      return batch === null ? undefined : { batchId: batch.batchId, body: batch.body };
    },
    setAside: (feed, setAside) => post(`${pathOf(feed)}/set-aside`, wire.setAsideOutput, setAside),
    discard: (feed, discard) => post(`${pathOf(feed)}/discard`, wire.discardOutput, discard, timeouts.discard),
    async deadLetters({ status, since, until, ...filter }) {
      const query = {
        ...filter,
        status: status?.join(','),
        since: since?.toISOString(),
        until: until?.toISOString(),
      };
      return (await get('dead-letters', wire.deadLettersOutput, query)).deadLetters;
    },
    deadLetter: async (id) => (await get(`dead-letters/${encodeURIComponent(id)}`, wire.deadLetterOutput)).deadLetter,
    ledger: async (filter) => (await get('ledger', wire.ledgerOutput, { ...filter })).entries,
    rawBatches: ({ feed, from, to, after, limit }) =>
      get(`${pathOf(feed)}/raw-batches`, wire.rawBatchesOutput, {
        from: from.toISOString(),
        to: to.toISOString(),
        after,
        limit,
      }),
    trace: async (text, limit) => (await get('trace', wire.traceOutput, { text, limit })).batches,
    ...remoteAudit(options),
    ...remoteClosing(options),
    ...remoteParking(options),
    ...remoteRegistration(options),
    ...remoteSpool(options),
    reload: () => post('reload', reloadOutput, {}, timeouts.reload),
    cursors: async () => (await get('cursors', wire.cursorsOutput)).cursors,
    async setCursor(feed, position, reason) {
      await post(`${pathOf(feed)}/cursor`, wire.doneOutput, { position, reason });
    },
  };
}
