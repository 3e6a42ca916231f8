import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Content, ContentClient } from '../../../src/core/http.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createHttpClient } from '../../../src/http/client.ts';

const never = new AbortController().signal;

let resources: AsyncDisposableStack;
let client: ContentClient;
let respond: (request: IncomingMessage, response: ServerResponse) => void;
let url: string;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  const server = createServer((request, response) => respond(request, response));
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  resources.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = resources.use(
    createHttpClient(
      {
        baseUrl: `${url}/api`,
        auth: { kind: 'bearer', token: new Secret('the-token-of-this') },
        headers: {},
        tls: {},
        timeouts: { connect: 1_000, headers: 300, body: 300 },
        maxResponseBytes: 1_000,
      },
      { proxy: {}, subject: 'test', report: () => {} },
    ),
  );
});
afterEach(() => resources.disposeAsync());

async function whole({ body }: Content): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const get = (timeoutMs = 5_000) => ({ method: 'GET', path: 'content', timeoutMs }) as const;

describe('a content', () => {
  it('is handed over as it comes, without the limit that answers have', async () => {
    const sent = Buffer.alloc(5_000_000, 'x');
    respond = ({ url: asked, headers }, response) => {
      expect([asked, headers.authorization]).toEqual(['/api/content', 'Bearer the-token-of-this']);
      response.writeHead(200, { 'content-type': 'application/pdf' }).end(sent);
    };
    const received = await client.receive(get(), whole, never);
    expect(received.kind === 'taken' && received.taken.equals(sent)).toBe(true);
  });

  it('is no faster than it is taken: what is not read does not come', async () => {
    let sent = 0;
    const chunk = Buffer.alloc(65_536);
    respond = (_, response) => {
      response.writeHead(200);
      const more = () => {
        if (response.destroyed || sent > 256 * 1024 ** 2) return;
        sent += chunk.length;
        response.write(chunk, more);
      };
      more();
    };
    const taken = Promise.withResolvers<void>();
    const stalled = Promise.withResolvers<number>();
    const receiving = client.receive(
      get(),
      async ({ body }) => {
        const reader = body[Symbol.asyncIterator]();
        await reader.next();
        // It comes to a stop by itself, far from its end.
        let before = -1;
        await expect
          .poll(
            () => {
              const stands = sent === before;
              before = sent;
              return stands;
            },
            { interval: 100, timeout: 5_000 },
          )
          .toBe(true);
        stalled.resolve(sent);
        await taken.promise;
        await reader.return?.();
      },
      never,
    );
    expect(await stalled.promise).toBeLessThan(32 * 1024 ** 2);
    taken.resolve();
    await receiving;
  });

  it('is unpacked on its way where it is packed', async () => {
    respond = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('a content'));
    expect(await client.receive(get(), whole, never)).toEqual({ kind: 'taken', taken: Buffer.from('a content') });
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    [
      'breaks off',
      (response) => response.writeHead(200).write('half', () => response.destroy()),
      'UPSTREAM_UNREACHABLE',
    ],
    [
      'is shorter than it said',
      (response) => response.writeHead(200, { 'content-length': 100 }).write('half', () => response.socket?.end()),
      'UPSTREAM_UNREACHABLE',
    ],
    ['stops coming', (response) => response.writeHead(200).write('half'), 'UPSTREAM_TIMEOUT'],
    ['never begins', () => {}, 'UPSTREAM_TIMEOUT'],
    [
      'is packed and damaged',
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'),
      'UPSTREAM_UNREACHABLE',
    ],
    [
      'is packed in an unknown way',
      (response) => response.writeHead(200, { 'content-encoding': 'zstd-7' }).end('x'),
      'UPSTREAM_REFUSED',
    ],
  ])('that %s is %s', async (_, answer, code) => {
    respond = (_request, response) => void answer(response);
    await expect(client.receive(get(), whole, never)).rejects.toMatchObject({ code });
  });

  it('that takes too long as a whole is given up, however steadily it comes', async () => {
    respond = (_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(timer));
    };
    await expect(client.receive(get(400), whole, never)).rejects.toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: expect.stringContaining('was not complete within 400 ms'),
    });
  });

  it('is none where the answer is not 200: that is given instead, without secrets, and no redirect is followed', async () => {
    respond = (_, response) =>
      response.writeHead(302, { location: '/elsewhere' }).end(`the-token-of-this ${'x'.repeat(100_000)}`);
    const received = await client.receive(get(), whole, never);
    if (received.kind === 'taken') throw new Error('it was taken');
    const { status, body } = received.response;
    expect(status).toBe(302);
    expect(Buffer.from(body).toString()).toMatch(/^\[secret\] x/);
    expect(body.length).toBeLessThan(66_000);
  });

  it('ends with the bridge', async () => {
    const stop = new AbortController();
    respond = (_, response) => response.writeHead(200).write('half', () => stop.abort());
    await expect(client.receive(get(), whole, stop.signal)).rejects.toMatchObject({ code: 'STOPPING' });
  });
});
