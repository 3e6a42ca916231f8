import type { PageQuery } from '../core/archive.ts';
import type { FeedName } from '../core/batch.ts';
import { doneOutput } from '../http/admin-wire.ts';
import * as wire from '../http/audit-wire.ts';
import type { Operations } from './operations.ts';
import { callRemote, type RemoteOptions } from './remote-call.ts';

const timeoutMs = 30_000;

/** What a running daemon tells for audits, and is told of replays, over its admin listener. */
export function remoteAudit(options: RemoteOptions): Pick<Operations, 'receipts' | 'unreceipted' | 'recordReplay'> {
  const pathOf = (feed: FeedName, what: string) => `feeds/${feed.split('/').map(encodeURIComponent).join('/')}/${what}`;
  const page = ({ feed, from, to, after, limit }: PageQuery, what: string) => {
    const query = { from: from.toISOString(), to: to.toISOString(), after, limit };
    return { method: 'GET', path: pathOf(feed, what), query, timeoutMs } as const;
  };
  return {
    receipts: (query) => callRemote(options, page(query, 'receipts'), wire.receiptsOutput),
    unreceipted: (query) => callRemote(options, page(query, 'unreceipted'), wire.unreceiptedOutput),
    async recordReplay(feed, body) {
      const call = { method: 'POST', path: pathOf(feed, 'replays'), body, timeoutMs } as const;
      await callRemote(options, call, doneOutput);
    },
  };
}
