import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { closedPort } from '../../support/closed-port.ts';
import { type JobUpstream, json, startJobUpstream } from '../../support/requests/job-upstream.ts';
import { makeRequestingHome, type RequestingHome, request, token } from '../../support/requests/requesting-home.ts';

let resources: AsyncDisposableStack;
let upstream: JobUpstream;
let home: RequestingHome;
const ok: JobUpstream['respond'] = (_arrived, response) => json(response, 200, { ok: true });
beforeAll(async () => {
  resources = new AsyncDisposableStack();
  upstream = resources.use(await startJobUpstream(ok));
  const requests = {
    auth: { bearer: 'the-token-of-the-upstream' },
    headers: { 'x-tenant': 'acme' },
    timeouts: { headers: '300ms', body: '300ms' },
    maxResponse: '64KiB',
  };
  home = resources.use(await makeRequestingHome({ upstream: upstream.url, requests }));
  await home.start();
});
beforeEach(() => {
  upstream.respond = ok;
});
afterAll(() => resources.disposeAsync());

/** Sends exactly these bytes, and gives all that comes back. */
async function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(home.requestsUrl);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(bytes, 'latin1');
  return text(socket);
}

function lines(target: string, headers: readonly string[], body = '{}'): string {
  return [
    `POST ${target} HTTP/1.1`,
    'host: bridge',
    'connection: close',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    ...headers,
    '',
    body,
  ].join('\r\n');
}

describe('who may call', () => {
  it.each([
    ['nobody', {}],
    ['a token that is not the one', { authorization: 'Bearer another' }],
    ['a token of the same length', { authorization: `Bearer ${'x'.repeat(token.length)}` }],
    ['the token with more behind it', { authorization: `Bearer ${token}x` }],
    ['another scheme', { authorization: `Basic ${Buffer.from(`a:${token}`).toString('base64')}` }],
  ])('not %s: 401, and nothing is sent', async (_who, headers) => {
    const before = upstream.arrived.length;
    const response = await fetch(`${home.requestsUrl}/os1/containers`, {
      method: 'POST',
      body: '{}',
      headers: { ...headers, connection: 'close' },
    });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await response.json()).toMatchObject({ error: { code: 'CALLER_REFUSED' }, sent: 'no' });
    expect(upstream.arrived.length).toBe(before);
  });
});

describe('what arrives upstream', () => {
  it('has the headers of the content, and those of the bridge: nothing of the caller, its connection or its host', async () => {
    const response = await raw(
      lines('/requests/os1/containers', [
        'accept: application/json',
        'idempotency-key: k-1',
        'cookie: session=1',
        'x-forwarded-for: 1.2.3.4',
        'forwarded: for=1.2.3.4',
        'via: 1.1 x',
        'x-tenant: evil',
        'x-http-method-override: DELETE',
        'te: trailers',
        'upgrade: websocket',
        'expect: 100-continue',
        'proxy-authorization: Basic x',
        'keep-alive: timeout=5',
      ]),
    );
    expect(response).toContain('200 OK');
    const { headers } = upstream.arrived.at(-1) ?? { headers: {} };
    expect(headers).toMatchObject({
      host: new URL(upstream.url).host,
      authorization: 'Bearer the-token-of-the-upstream',
      'x-tenant': 'acme',
      accept: 'application/json',
      'idempotency-key': 'k-1',
    });
    const names = Object.keys(headers).toSorted();
    expect(names).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'idempotency-key',
      'user-agent',
      'x-tenant',
    ]);
  });

  it('lacks what the caller’s Connection header names', async () => {
    await raw(lines('/requests/os1/containers', ['idempotency-key: k-2', 'connection: idempotency-key']));
    expect(upstream.arrived.at(-1)?.headers).not.toHaveProperty('idempotency-key');
  });

  test.each([
    ['two lengths', ['content-length: 5']],
    ['a length and a transfer coding', ['transfer-encoding: chunked']],
    ['a transfer coding that is no word', ['transfer-encoding: xchunked']],
    ['a name with a space', ['host : evil.test']],
    ['a bare carriage return', ['accept: a\rx-evil: 1']],
    ['a bare line feed', ['accept: a\nx-evil: 1']],
    ['a continued line', ['accept: a', ' x-evil: 1']],
    ['a NUL', ['accept: a\0b']],
    ['two hosts', ['host: evil.test']],
  ])('never has %s', async (_what, headers) => {
    const before = upstream.arrived.length;
    await raw(lines('/requests/os1/containers', headers));
    for (const { headers: got, target } of upstream.arrived.slice(before)) {
      expect(target).toBe('/api/containers');
      expect(got).not.toHaveProperty('x-evil');
      expect(got['host']).toBe(new URL(upstream.url).host);
      expect(got).not.toHaveProperty('transfer-encoding');
    }
  });

  test.each([
    ['/requests/os1/../admin', 400],
    ['/requests/os1/%2e%2e/admin', 400],
    ['/requests/os1/..;/admin', 400],
    ['/requests/os1//evil.test/', 400],
    ['/requests/os1/https://evil.test/', 400],
    ['/requests/../os1/containers', 404],
    ['http://evil.test/requests/os1/containers', 404],
    ['//evil.test/requests/os1/containers', 404],
    ['/requests/unknown/containers', 404],
    ['/requests/__proto__/containers', 404],
    ['/hooks/os1', 404],
  ])('nothing by %s', async (target, status) => {
    const before = upstream.arrived.length;
    const answer = await raw(lines(target, []));
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(answer).toContain('"sent":"no"');
    expect(upstream.arrived.length).toBe(before);
  });

  it('is the body as it came, but for the callback: numbers keep their digits, names their spelling', async () => {
    const body = '{"n":12345678901234567890.10,"__proto__":{"a":1},"callbackUrl":"https://evil.test","ä":"\\u0000"}';
    await raw(lines('/requests/os1/containers', [], Buffer.from(body).toString('latin1')));
    expect(upstream.arrived.at(-1)?.body.replace(/"http:[^"]*"/, '"URL"')).toBe(
      body.replace('"https://evil.test"', '"URL"'),
    );
  });

  it('is unpacked where it came packed, and refused where it cannot be prepared', async () => {
    const send = async (body: Uint8Array | string, headers: Readonly<Record<string, string>>) => {
      const response = await fetch(`${home.requestsUrl}/os1/containers`, {
        method: 'POST',
        body: body as string,
        headers: { authorization: `Bearer ${token}`, connection: 'close', ...headers },
      });
      return response.status;
    };
    const type = { 'content-type': 'application/json' };
    expect(await send(gzipSync('{"a":1}'), { ...type, 'content-encoding': 'gzip' })).toBe(200);
    expect(JSON.parse(upstream.arrived.at(-1)?.body ?? '')).toMatchObject({ a: 1 });
    const before = upstream.arrived.length;
    expect(await send('a=1', { 'content-type': 'application/x-www-form-urlencoded' })).toBe(422);
    expect(await send('[1]', type)).toBe(422);
    expect(await send('{"a":', type)).toBe(422);
    expect(await send('', type)).toBe(422);
    expect(await send('{}', { ...type, 'x-caller-reference': 'é' })).toBe(422);
    expect(await send(`{"a":"${'x'.repeat(1024 ** 2)}"}`, type)).toBe(413);
    expect(await send(gzipSync(Buffer.alloc(2 * 1024 ** 2)), { ...type, 'content-encoding': 'gzip' })).toBe(413);
    expect(await send('{}', { ...type, 'content-encoding': 'zstd' })).toBe(415);
    expect(upstream.arrived.length).toBe(before);
  });
});

describe('what the caller gets', () => {
  it('is the answer of the upstream: status, media type and body, and nothing that sets cookies or leads elsewhere', async () => {
    upstream.respond = (_arrived, response) => {
      const headers = { 'content-type': 'text/plain; charset=utf-8', 'set-cookie': 'a=1', location: 'http://inside/' };
      response.writeHead(302, { ...headers, 'x-inside': '1', 'retry-after': '7' }).end('elsewhere');
    };
    const response = await fetch(`${home.requestsUrl}/os1/x`, {
      redirect: 'manual',
      headers: { authorization: `Bearer ${token}`, connection: 'close' },
    });
    expect([response.status, await response.text()]).toEqual([302, 'elsewhere']);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(response.headers.get('retry-after')).toBe('7');
    for (const name of ['set-cookie', 'location', 'x-inside']) expect(response.headers.get(name)).toBeNull();
  });

  it('is 504 where the upstream is too slow, and what was asked may have been done: its callback settles it', async () => {
    upstream.respond = () => {};
    const response = await request(`${home.requestsUrl}/os1/containers`, {});
    expect([response.status, response.headers.get('x-feedferry-sent')]).toEqual([504, 'unknown']);
    expect(await response.json()).toMatchObject({ error: { code: 'UPSTREAM_TIMEOUT' }, sent: 'unknown' });
    expect(response.headers.get('x-correlation-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is 502 where the upstream breaks off or says too much', async () => {
    upstream.respond = (_arrived, response) => void response.destroy();
    const broken = await request(`${home.requestsUrl}/os1/containers`, {});
    expect([broken.status, broken.headers.get('x-feedferry-sent')]).toEqual([502, 'unknown']);
    upstream.respond = (_arrived, response) => void response.end(Buffer.alloc(65 * 1024));
    const large = await request(`${home.requestsUrl}/os1/containers`, {});
    expect([large.status, await large.json()]).toMatchObject([502, { error: { code: 'RESPONSE_TOO_LARGE' } }]);
  });

  it('is 502 and the certainty that nothing was sent where nobody is there', async () => {
    const port = await closedPort();
    await using other = await makeRequestingHome({ upstream: `http://127.0.0.1:${port}` });
    await other.start();
    const response = await request(`${other.requestsUrl}/os1/containers`, {});
    expect([response.status, response.headers.get('x-feedferry-sent')]).toEqual([502, 'no']);
  });
});
