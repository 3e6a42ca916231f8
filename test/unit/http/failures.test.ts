import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { BridgeError } from '../../../src/core/errors.ts';
import type { HttpClient } from '../../../src/core/http.ts';
import { calm, clientFor, textOf } from './support/clients.ts';
import { closedPort, serveHttp, serveRaw } from './support/servers.ts';

/** Longer than any test: what is shorter must not wait for them. */
const long = { connect: 60_000, headers: 60_000, body: 60_000 };

function failureOf(client: HttpClient, signal = calm(), timeoutMs?: number): Promise<BridgeError> {
  const request = {
    method: 'GET',
    path: 'feed/next?key=k3y',
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  } as const;
  return client.send(request, signal).then(
    () => Promise.reject(new Error('an answer came')),
    (error: BridgeError) => error,
  );
}

test('says UPSTREAM_UNREACHABLE, where and why, but not the query, when nothing listens', async () => {
  const port = await closedPort();
  await using client = clientFor(`http://127.0.0.1:${port}`);
  const error = await failureOf(client);
  expect(error).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', cause: expect.any(Error) });
  expect(error.message).toContain(`GET http://127.0.0.1:${port}/feed/next: `);
  expect(error.message).toContain('ECONNREFUSED');
  expect(error.message).not.toContain('k3y');
});

test('says UPSTREAM_UNREACHABLE when the name does not resolve', async () => {
  await using client = clientFor('http://no-such-host.invalid');
  await expect(failureOf(client)).resolves.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
});

test.each([
  ['is reset before its headers', (socket: Socket) => socket.resetAndDestroy()],
  ['is closed before its headers', (socket: Socket) => socket.end()],
  ['breaks off within its headers', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-')],
  [
    'breaks off within its announced length',
    (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"a'),
  ],
  [
    'breaks off within its chunks',
    (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a'),
  ],
  ['is not HTTP', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n')],
])('says UPSTREAM_UNREACHABLE when the answer %s', async (_title, answer) => {
  await using server = await serveRaw(answer);
  await using client = clientFor(server.url);
  await expect(failureOf(client)).resolves.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
});

test('says UPSTREAM_UNREACHABLE when the connection is reset within the body', async () => {
  await using server = await serveHttp((_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('some', () => response.socket?.resetAndDestroy());
  });
  await using client = clientFor(server.url);
  await expect(failureOf(client)).resolves.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
});

test('says RESPONSE_TOO_LARGE for headers without end', async () => {
  await using server = await serveRaw((socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`));
  await using client = clientFor(server.url);
  await expect(failureOf(client)).resolves.toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
});

test('gives up when the headers do not come in time', async () => {
  await using server = await serveHttp(() => {});
  await using client = clientFor(server.url, { timeouts: { ...long, headers: 80 } });
  const error = await failureOf(client);
  expect(error.code).toBe('UPSTREAM_TIMEOUT');
  expect(error.message).toContain('no answer within 80 ms');
  await expect.poll(() => server.open(), { timeout: 10_000 }).toBe(0);
});

test('gives up when the body stands still', async () => {
  await using server = await serveHttp((_request, response) => {
    response.write('{');
  });
  await using client = clientFor(server.url, { timeouts: { ...long, body: 80 } });
  const error = await failureOf(client);
  expect(error.code).toBe('UPSTREAM_TIMEOUT');
  expect(error.message).toContain('not complete within 80 ms');
});

test('gives up when the body drips without end', async () => {
  await using server = await serveHttp((_request, response) => {
    const drip = setInterval(() => response.write('.'), 5);
    response.on('close', () => clearInterval(drip));
  });
  await using client = clientFor(server.url, { timeouts: { ...long, body: 150 } });
  await expect(failureOf(client)).resolves.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  await expect.poll(() => server.open(), { timeout: 10_000 }).toBe(0);
});

test("takes the request's own time-out for headers and body in place of the endpoint's", async () => {
  await using server = await serveHttp((_request, response) => {
    response.write('{');
  });
  await using client = clientFor(server.url, { timeouts: long });
  const error = await failureOf(client, calm(), 70);
  expect(error.message).toContain('not complete within 70 ms');
});

test('gives the body its own time after headers that came late', async () => {
  await using server = await serveHttp((_request, response) => {
    setTimeout(() => {
      response.write('{');
      setTimeout(() => response.end('}'), 600);
    }, 600);
  });
  await using client = clientFor(server.url, { timeouts: { connect: 1_000, headers: 1_000, body: 1_000 } });
  const answer = await client.send({ method: 'GET', path: 'x' }, calm());
  expect(textOf(answer.body)).toBe('{}');
});

test('refuses an answer that announces more than the limit, before reading it', async () => {
  await using server = await serveHttp((_request, response) => {
    response.writeHead(200, { 'content-length': 1_001 });
    response.flushHeaders();
  });
  await using client = clientFor(server.url, { maxResponseBytes: 1_000 });
  await expect(failureOf(client)).resolves.toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
});

test('stops an answer that grows beyond the limit, and takes one that just fits', async () => {
  let written = 0;
  await using server = await serveHttp(async (request, response) => {
    if (request.url === '/fits') return response.end(Buffer.alloc(100_000));
    while (!response.destroyed) {
      written += 1_000;
      if (!response.write(Buffer.alloc(1_000))) await new Promise((resume) => response.once('drain', resume));
    }
    return undefined;
  });
  await using client = clientFor(server.url, { maxResponseBytes: 100_000 });
  expect((await client.send({ method: 'GET', path: 'fits' }, calm())).body).toHaveLength(100_000);
  const error = await failureOf(client);
  expect(error.code).toBe('RESPONSE_TOO_LARGE');
  expect(error.message).toContain('100000 bytes');
  await expect.poll(() => server.open(), { timeout: 10_000 }).toBeLessThanOrEqual(1);
  expect(written).toBeLessThan(50_000_000);
});

test('ends with STOPPING at once when the signal aborts, before, during and after the headers', async () => {
  const reached: (() => void)[] = [];
  await using server = await serveHttp((request, response) => {
    if (request.url?.includes('body')) response.write('{');
    reached.shift()?.();
  });
  await using client = clientFor(server.url);
  await expect(failureOf(client, AbortSignal.abort())).resolves.toMatchObject({ code: 'STOPPING' });
  expect(server.connections()).toBe(0);
  for (const path of ['headers', 'body']) {
    const stop = new AbortController();
    const arrived = new Promise<void>((resolve) => reached.push(resolve));
    const outcome = expect(client.send({ method: 'GET', path }, stop.signal)).rejects.toMatchObject({
      code: 'STOPPING',
    });
    await arrived;
    stop.abort(new Error('anything'));
    await outcome;
  }
  await expect.poll(() => server.open(), { timeout: 10_000 }).toBe(0);
});

test('does not send a request that was given up while its connection was being made', async () => {
  let requests = 0;
  await using server = await serveHttp((_request, response) => {
    requests += 1;
    response.end('ok');
  });
  await using client = clientFor(server.url);
  const stop = new AbortController();
  const outcome = expect(client.send({ method: 'POST', path: 'x' }, stop.signal)).rejects.toMatchObject({
    code: 'STOPPING',
  });
  stop.abort();
  await outcome;
  await client.send({ method: 'GET', path: 'x' }, calm());
  expect(requests).toBe(1);
});

test('works on after each kind of failure', async () => {
  let count = 0;
  await using server = await serveHttp((_request, response) => {
    count += 1;
    if (count === 1) response.socket?.resetAndDestroy();
    else if (count === 2) response.writeHead(200, { 'content-length': 99_999_999 }).flushHeaders();
    else if (count > 3) response.end('ok');
  });
  await using client = clientFor(server.url, { timeouts: { ...long, headers: 1_000 } });
  const codes = [await failureOf(client), await failureOf(client), await failureOf(client)].map((error) => error.code);
  expect(codes).toEqual(['UPSTREAM_UNREACHABLE', 'RESPONSE_TOO_LARGE', 'UPSTREAM_TIMEOUT']);
  expect(textOf((await client.send({ method: 'GET', path: 'x' }, calm())).body)).toBe('ok');
});
