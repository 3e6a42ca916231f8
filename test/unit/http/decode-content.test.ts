import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { calm, clientFor, textOf } from './support/clients.ts';
import { serveHttp, type TestServer } from './support/servers.ts';

const request = { method: 'GET', path: 'x' } as const;

function serveCoded(coding: string, body: Uint8Array): Promise<TestServer> {
  return serveHttp((_asked, response) => {
    response.writeHead(200, { 'content-encoding': coding, 'content-length': body.length }).end(body);
  });
}

test.each([
  ['gzip', gzipSync('{"a":1}')],
  ['GZIP', gzipSync('{"a":1}')],
  ['deflate', deflateSync('{"a":1}')],
  ['br', brotliCompressSync('{"a":1}')],
  ['identity', Buffer.from('{"a":1}')],
])('unpacks an answer in %s', async (coding, body) => {
  await using server = await serveCoded(coding, body);
  await using client = clientFor(server.url);
  const answer = await client.send(request, calm());
  expect(textOf(answer.body)).toBe('{"a":1}');
  if (coding !== 'identity') expect(answer.headers).not.toHaveProperty('content-encoding');
});

test('refuses an answer that unpacks to more than the limit', async () => {
  await using server = await serveCoded('gzip', gzipSync(Buffer.alloc(10_000_000)));
  await using client = clientFor(server.url, { maxResponseBytes: 100_000 });
  await expect(client.send(request, calm())).rejects.toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
});

test('takes a truncated or garbled packing for a broken transfer', async () => {
  for (const body of [gzipSync('{"a":1}'.repeat(100)).subarray(0, 20), Buffer.from('{"a":1}')]) {
    await using server = await serveCoded('gzip', body);
    await using client = clientFor(server.url);
    await expect(client.send(request, calm())).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  }
});

test('refuses a coding that nobody asked for', async () => {
  await using server = await serveCoded('compress', Buffer.from('x'));
  await using client = clientFor(server.url);
  await expect(client.send(request, calm())).rejects.toMatchObject({ code: 'UPSTREAM_REFUSED' });
});
