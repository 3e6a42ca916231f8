import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Operations } from '../operations/operations.ts';
import { reasonInput } from './admin-wire.ts';
import { registeredOutput } from './registration-wire.ts';

/** Those of the admin listener that are about registrations. */
export function addRegistrationRoutes(server: FastifyInstance, operations: Operations): void {
  for (const act of ['register', 'unregister'] as const) {
    server.post<{ Params: { pipeline: string; feed: string } }>(
      `/api/v1/feeds/:pipeline/:feed/${act}`,
      async ({ params, body }) => {
        const { reason } = reasonInput.parse(body);
        return z.encode(registeredOutput, await operations[act](`${params.pipeline}/${params.feed}`, reason));
      },
    );
  }
}
