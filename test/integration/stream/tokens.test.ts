import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startStreamServer } from '../../../connectors/sse/simulator/stream-server.ts';
import { startStreamedBridge } from '../../support/stream/streamed-bridge.ts';

const patience = { timeout: 15_000, interval: 30 };

function from(origin: string, more: object = {}): object {
  const event = { id: '/body/id', type: '"com.example.x"', partitionkey: '/body/id' };
  return {
    connector: 'sse',
    account: 'acme',
    baseUrl: origin,
    path: 'events',
    retry: { min: '10ms', max: '200ms' },
    event,
    ...more,
  };
}

const body = (id: number) => JSON.stringify({ id: String(id) });

describe('a stream that wants a token', { timeout: 40_000 }, () => {
  test('gets a fresh token when its own is refused, once, and shows nothing of that', async () => {
    let good = 'token-1';
    await using server = await startStreamServer({
      authorized: ({ authorization }) => authorization === `Bearer ${good}`,
    });
    let asked = 0;
    await using tokens = await startTokens(() => {
      asked += 1;
      return good;
    });
    const auth = { oauth2: { tokenUrl: tokens.url, clientId: 'ferry', clientSecret: 'hush-hush' } };
    await using bridge = await startStreamedBridge({
      from: from(server.origin, { auth, errors: { auth: ['auth_failed'] } }),
    });
    await server.connected(1);
    server.send(body(1));
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(1);
    good = 'token-2';
    server.cutAll();
    await server.asked(3);
    await server.connected(1);
    server.send(body(2));
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(2);
    expect(asked).toBe(2);
    expect(bridge.recorder.of('attempt.failed').map(({ error }) => error.code)).toEqual(['UPSTREAM_UNREACHABLE']);
  });

  test('whose fresh token is refused too waits as after any failure, and not only until there is another', async () => {
    await using server = await startStreamServer({ authorized: () => false });
    await using tokens = await startTokens(() => 'never-good');
    const auth = { oauth2: { tokenUrl: tokens.url, clientId: 'ferry', clientSecret: 'hush-hush' } };
    const retry = { min: '400ms', max: '10s' };
    await using bridge = await startStreamedBridge({
      from: from(server.origin, { auth, retry, errors: { auth: ['auth_failed'] } }),
    });
    await bridge.recorder.seen('attempt.failed', 3);
    const delays = bridge.recorder.of('attempt.failed').map(({ delayMs }) => delayMs);
    for (const delayMs of delays) expect(delayMs).toBeGreaterThanOrEqual(400);
  });
});

async function startTokens(token: () => string) {
  const server = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ access_token: token(), token_type: 'Bearer', expires_in: 3_600 }));
  });
  const opened = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', opened.resolve);
  await opened.promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
