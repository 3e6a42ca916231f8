import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { FeedName } from '../core/batch.ts';
import type { Operations } from '../operations/operations.ts';
import * as wire from './admin-wire.ts';
import { addAuditRoutes } from './audit-routes.ts';
import { addDeadLetterRoutes } from './dead-letter-routes.ts';
import { addParkedRoutes } from './parked-routes.ts';
import { addRegistrationRoutes } from './registration-routes.ts';
import { reloadOutput } from './reload-wire.ts';
import { spoolOutput } from './spool-wire.ts';

interface OfFeed {
  readonly Params: { readonly pipeline: string; readonly feed: string };
}

/** Leaves out what is undefined, as exact optional properties want it. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** The API behind the admin listener: one route for each method of Operations. */
export function addAdminRoutes(server: FastifyInstance, operations: Operations): void {
  const base = '/api/v1';
  const feedPath = `${base}/feeds/:pipeline/:feed`;
  const feedOf = ({ pipeline, feed }: OfFeed['Params']): FeedName => `${pipeline}/${feed}`;
  const done = z.encode(wire.doneOutput, { done: true });

  server.get<OfFeed>(feedPath, async ({ params }) =>
    z.encode(wire.feedStateOutput, { state: await operations.feedState(feedOf(params)) }),
  );
  server.post<OfFeed>(`${feedPath}/pause`, async ({ params, body }) => {
    await operations.pause(feedOf(params), wire.reasonInput.parse(body).reason);
    return done;
  });
  server.post<OfFeed>(`${feedPath}/resume`, async ({ params, body }) => {
    await operations.resume(feedOf(params), wire.reasonInput.parse(body).reason);
    return done;
  });
  server.get<OfFeed>(`${feedPath}/open-batch`, async ({ params }) => {
    const batch = await operations.peek(feedOf(params));
    return z.encode(wire.peekOutput, { batch: batch ?? null });
  });
  server.post<OfFeed>(`${feedPath}/set-aside`, async ({ params, body }) => {
    const options = present(wire.setAsideInput.parse(body));
    return z.encode(wire.setAsideOutput, await operations.setAside(feedOf(params), options));
  });
  server.post<OfFeed>(`${feedPath}/discard`, async ({ params, body }) => {
    const options = wire.reasonInput.parse(body);
    return z.encode(wire.discardOutput, await operations.discard(feedOf(params), options));
  });
  server.post<OfFeed>(`${feedPath}/cursor`, async ({ params, body }) => {
    const { position, reason } = wire.cursorInput.parse(body);
    await operations.setCursor(feedOf(params), position, reason);
    return done;
  });
  server.get(`${base}/dead-letters`, async ({ query }) => {
    const deadLetters = await operations.deadLetters(present(wire.deadLetterQuery.parse(query)));
    return z.encode(wire.deadLettersOutput, { deadLetters: [...deadLetters] });
  });
  server.get<{ Params: { id: string } }>(`${base}/dead-letters/:id`, async ({ params }) =>
    z.encode(wire.deadLetterOutput, { deadLetter: await operations.deadLetter(params.id) }),
  );
  server.get(`${base}/ledger`, async ({ query }) => {
    const entries = await operations.ledger(present(wire.ledgerQuery.parse(query)));
    return z.encode(wire.ledgerOutput, { entries: [...entries] });
  });
  server.get<OfFeed>(`${feedPath}/raw-batches`, async ({ params, query }) => {
    const page = await operations.rawBatches({ feed: feedOf(params), ...wire.rawBatchesQuery.parse(query) });
    return z.encode(wire.rawBatchesOutput, { items: [...page.items], next: page.next });
  });
  server.get(`${base}/trace`, async ({ query }) => {
    const { text, limit } = wire.traceQuery.parse(query);
    return z.encode(wire.traceOutput, { batches: [...(await operations.trace(text, limit))] });
  });
  addAuditRoutes(server, operations);
  addParkedRoutes(server, operations);
  addDeadLetterRoutes(server, operations);
  addRegistrationRoutes(server, operations);
  server.post(`${base}/reload`, async () => z.encode(reloadOutput, await operations.reload()));
  server.get(`${base}/spool`, async () => z.encode(spoolOutput, await operations.spool()));
  server.get(`${base}/cursors`, async () => {
    const cursors = await operations.cursors();
    return z.encode(wire.cursorsOutput, { cursors: [...cursors] });
  });
}
