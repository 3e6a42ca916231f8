import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { calm, clientFor, textOf } from './support/clients.ts';
import { serveHttp, serveRaw } from './support/servers.ts';

test('gives status, lower-case headers with repeated ones joined, body and time of arrival', async () => {
  await using server = await serveHttp((_request, response) => {
    response.setHeader('X-Many', ['one', 'two']);
    response.setHeader('Content-Type', 'application/json');
    response.writeHead(200).end('{"a":1}');
  });
  await using client = clientFor(server.url);
  const before = Date.now();
  const answer = await client.send({ method: 'GET', path: 'x' }, calm());
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({ 'x-many': 'one, two', 'content-type': 'application/json' });
  expect(textOf(answer.body)).toBe('{"a":1}');
  expect(answer.receivedAt.getTime()).toBeGreaterThanOrEqual(before);
  expect(answer.receivedAt.getTime()).toBeLessThanOrEqual(Date.now());
});

test('sends method, path below the base, query, headers and body', async () => {
  const seen: unknown[] = [];
  await using server = await serveHttp(async (request, response) => {
    const chunks = await request.toArray();
    seen.push([request.method, request.url, request.headers['x-tenant-id'], Buffer.concat(chunks).toString()]);
    response.writeHead(204).end();
  });
  await using client = clientFor(`${server.url}/api/v1/`, { headers: { 'x-tenant-id': new Secret('acme') } });
  const answer = await client.send(
    { method: 'POST', path: 'feeds/a%2Fb/complete?x=1', body: Buffer.from('hi') },
    calm(),
  );
  expect(answer.status).toBe(204);
  expect(answer.body).toHaveLength(0);
  expect(seen).toEqual([['POST', '/api/v1/feeds/a%2Fb/complete?x=1', 'acme', 'hi']]);
});

test("lets a request's headers replace the defaults, and the endpoint's headers replace both", async () => {
  const seen: unknown[] = [];
  await using server = await serveHttp((request, response) => {
    const { accept, 'accept-encoding': coding, 'user-agent': agent } = request.headers;
    seen.push({ accept, coding, agent });
    response.end();
  });
  await using client = clientFor(server.url, { headers: { accept: new Secret('text/plain') } });
  await client.send({ method: 'GET', path: '' }, calm());
  await client.send({ method: 'GET', path: '', headers: { accept: 'a/b', 'user-agent': 'me' } }, calm());
  expect(seen).toEqual([
    { accept: 'text/plain', coding: 'identity', agent: 'feedferry' },
    { accept: 'text/plain', coding: 'identity', agent: 'me' },
  ]);
});

test('puts a bearer token, or basic credentials in UTF-8, into every request and simply returns a 401', async () => {
  const seen: (string | undefined)[] = [];
  await using server = await serveHttp((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(401).end('no');
  });
  await using bearer = clientFor(server.url, { auth: { kind: 'bearer', token: new Secret('t0ken') } });
  await using basic = clientFor(server.url, {
    auth: { kind: 'basic', username: 'ferry', password: new Secret('pä:ss') },
  });
  expect((await bearer.send({ method: 'GET', path: 'x' }, calm())).status).toBe(401);
  expect((await basic.send({ method: 'GET', path: 'x' }, calm())).status).toBe(401);
  expect(seen).toEqual(['Bearer t0ken', `Basic ${Buffer.from('ferry:pä:ss').toString('base64')}`]);
});

test('never follows a redirect', async () => {
  const seen: (string | undefined)[] = [];
  await using server = await serveHttp((request, response) => {
    seen.push(request.url);
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  await using client = clientFor(server.url);
  const answer = await client.send({ method: 'GET', path: 'x' }, calm());
  expect(answer.status).toBe(307);
  expect(answer.headers['location']).toBe('/elsewhere');
  expect(seen).toEqual(['/x']);
});

test('puts a body of many pieces together, with its length announced or not', async () => {
  const pieces = Array.from({ length: 300 }, (_, index) => Buffer.alloc(997, 65 + (index % 26)));
  const whole = Buffer.concat(pieces);
  await using server = await serveHttp(async (request, response) => {
    if (request.url === '/announced') response.setHeader('content-length', whole.length);
    for (const piece of pieces) if (!response.write(piece)) await once(response, 'drain');
    response.end();
  });
  await using client = clientFor(server.url);
  for (const path of ['announced', 'chunked']) {
    const answer = await client.send({ method: 'GET', path }, calm());
    expect(Buffer.compare(Buffer.from(answer.body), whole)).toBe(0);
  }
});

test('passes over interim answers', async () => {
  await using server = await serveRaw((socket) => {
    socket.end('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  });
  await using client = clientFor(server.url);
  const answer = await client.send({ method: 'GET', path: 'x' }, calm());
  expect([answer.status, answer.headers['link'], textOf(answer.body)]).toEqual([200, undefined, 'ok']);
});

test('keeps its connections from one request to the next', async () => {
  await using server = await serveHttp((_request, response) => response.end('ok'));
  await using client = clientFor(server.url);
  for (let count = 0; count < 20; count += 1) await client.send({ method: 'GET', path: 'x' }, calm());
  // undici rests a socket for a turn of the event loop, and so uses two by turns.
  expect(server.connections()).toBeLessThanOrEqual(2);
});

test('closes its sockets when disposed, and sends nothing afterwards', async () => {
  await using server = await serveHttp((_request, response) => response.end('ok'));
  const client = clientFor(server.url);
  await client.send({ method: 'GET', path: 'x' }, calm());
  await client[Symbol.asyncDispose]();
  await expect.poll(() => server.open(), { timeout: 10_000 }).toBe(0);
  await expect(client.send({ method: 'GET', path: 'x' }, calm())).rejects.toMatchObject({ code: 'STOPPING' });
});

test('ends what is under way with STOPPING when disposed', async () => {
  await using server = await serveHttp(() => {});
  const client = clientFor(server.url);
  const sent = client.send({ method: 'GET', path: 'x' }, calm());
  const outcome = expect(sent).rejects.toMatchObject({ code: 'STOPPING' });
  await expect.poll(() => server.open(), { timeout: 10_000 }).toBe(1);
  await client[Symbol.asyncDispose]();
  await outcome;
});

test('refuses a header value with a line break, unsent and unshown', async () => {
  await using server = await serveHttp((_request, response) => response.end());
  await using client = clientFor(server.url, { headers: { 'x-key': new Secret('hush\nhush') } });
  const error = await client.send({ method: 'GET', path: 'x' }, calm()).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'UPSTREAM_REFUSED' });
  expect(String(error)).not.toContain('hush');
  expect(server.connections()).toBe(0);
});
