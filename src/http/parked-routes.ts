import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Operations } from '../operations/operations.ts';
import * as wire from './parked-wire.ts';

/** Those of the admin listener that are about parked keys. */
export function addParkedRoutes(server: FastifyInstance, operations: Operations): void {
  server.get('/api/v1/parked', async () => z.encode(wire.parkedOutput, { keys: [...(await operations.parkedKeys())] }));
  server.post<{ Params: { pipeline: string; feed: string } }>(
    '/api/v1/feeds/:pipeline/:feed/release',
    async ({ params, body }) => {
      const options = wire.releaseInput.parse(body);
      return z.encode(wire.releaseOutput, await operations.releaseKey(`${params.pipeline}/${params.feed}`, options));
    },
  );
}
