import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Operations } from '../operations/operations.ts';
import * as wire from './dead-letter-wire.ts';

/** Those of the admin listener that bring dead letters to an end. */
export function addDeadLetterRoutes(server: FastifyInstance, operations: Operations): void {
  const base = '/api/v1/dead-letters';
  server.post<{ Params: { id: string } }>(`${base}/:id/redrive`, async ({ params, body }) => {
    const options = wire.redriveInput.parse(body);
    return z.encode(wire.redriveOutput, await operations.redrive(params.id, options));
  });
  server.post(`${base}/discard`, async ({ body }) => {
    const { ids, reason } = wire.discardLettersInput.parse(body);
    return z.encode(wire.discardLettersOutput, { discarded: await operations.discardDeadLetters(ids, { reason }) });
  });
  server.get('/api/v1/dead-letter-counts', async () =>
    z.encode(wire.countsOutput, { counts: [...(await operations.deadLetterCounts())] }),
  );
}
