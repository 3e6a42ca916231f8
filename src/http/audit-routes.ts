import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { FeedName } from '../core/batch.ts';
import type { Operations } from '../operations/operations.ts';
import { doneOutput } from './admin-wire.ts';
import * as wire from './audit-wire.ts';

interface OfFeed {
  readonly Params: { readonly pipeline: string; readonly feed: string };
}

/** Those of the admin listener that audits and replays need. */
export function addAuditRoutes(server: FastifyInstance, operations: Operations): void {
  const path = '/api/v1/feeds/:pipeline/:feed';
  const feedOf = ({ pipeline, feed }: OfFeed['Params']): FeedName => `${pipeline}/${feed}`;

  server.get<OfFeed>(`${path}/receipts`, async ({ params, query }) => {
    const page = await operations.receipts({ feed: feedOf(params), ...wire.pageQuery.parse(query) });
    return z.encode(wire.receiptsOutput, { items: [...page.items], next: page.next });
  });
  server.get<OfFeed>(`${path}/unreceipted`, async ({ params, query }) => {
    const page = await operations.unreceipted({ feed: feedOf(params), ...wire.pageQuery.parse(query) });
    return z.encode(wire.unreceiptedOutput, { ...page, items: [...page.items], next: page.next });
  });
  server.post<OfFeed>(`${path}/replays`, async ({ params, body }) => {
    await operations.recordReplay(feedOf(params), wire.replayInput.parse(body));
    return z.encode(doneOutput, { done: true });
  });
}
