import { createHmac, timingSafeEqual } from 'node:crypto';
import fastify from 'fastify';
import { path, secret, signatureHeader } from './request.ts';

export interface Taken {
  readonly key: string;
  readonly body: Buffer;
}

interface Waiting extends Taken {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function isSigned(body: Buffer, header: unknown): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(String(header));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** One call at a time, with all that waits. */
function coalesce(store: (events: readonly Taken[]) => Promise<unknown>): (event: Taken) => Promise<void> {
  let waiting: Waiting[] = [];
  let busy = false;

  async function work() {
    busy = true;
    while (waiting.length > 0) {
      const taken = waiting;
      waiting = [];
      try {
        await store(taken);
        for (const { resolve } of taken) resolve();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    busy = false;
  }

  return (event) =>
    new Promise((resolve, reject) => {
      waiting.push({ ...event, resolve, reject });
      // What comes in the same turn goes along.
      if (!busy) queueMicrotask(() => busy || work());
    });
}

/**
 * What somebody would write in an hour: the signature over the raw body, JSON.parse for the key, the body into the store,
 * 200 when that has confirmed. No envelope, no retry, no limits, no deadline. The baseline of the benchmark of webhooks.
 */
export async function bareHooks(
  port: number,
  signed: boolean,
  store: (events: readonly Taken[]) => Promise<unknown>,
): Promise<void> {
  const put = coalesce(store);
  const server = fastify();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.post(path, async (request, reply) => {
    const body = request.body as Buffer;
    if (signed && !isSigned(body, request.headers[signatureHeader])) return reply.code(401).send();
    const { key } = JSON.parse(body.toString()) as { readonly key: string };
    await put({ key, body });
    return { accepted: true };
  });
  process.once('SIGTERM', () => process.exit());
  await server.listen({ host: '127.0.0.1', port });
  console.log('ready');
}
