import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { openAdminListener } from '../../../src/http/admin.ts';
import { judgeCaller } from '../../../src/http/admin-guard.ts';
import type { Listener } from '../../../src/http/listener.ts';
import { recordedOperations } from './support.ts';

let listener: Listener | undefined;
afterEach(async () => {
  await listener?.[Symbol.asyncDispose]();
  listener = undefined;
});

async function open(token?: string) {
  const recorded = recordedOperations();
  listener = await openAdminListener({
    address: { host: '127.0.0.1', port: 0 },
    token: token === undefined ? undefined : new Secret(token),
    operations: recorded.operations,
  });
  return { address: listener.address, calls: recorded.calls };
}

/** By node:http, which sends any Host and Origin that it is told to. */
function send(
  address: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const { method = 'GET', headers = {}, body } = options;
  const outgoing = request(`http://${address}${path}`, { method, headers, agent: false }, async (response) => {
    let text = '';
    for await (const chunk of response) text += chunk;
    resolve({ status: response.statusCode ?? 0, body: text });
  });
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

const pause = '/api/v1/feeds/fenergo/journey/pause';
const json = { 'content-type': 'application/json' };
const reason = '{"reason":"maintenance"}';

describe('the admin listener without a token', () => {
  it('serves a program on this machine', async () => {
    const { address, calls } = await open();
    expect((await send(address, '/api/v1/cursors')).status).toBe(200);
    expect((await send(address, pause, { method: 'POST', headers: json, body: reason })).status).toBe(200);
    expect(calls).toEqual([['cursors'], ['pause', 'fenergo/journey', 'maintenance']]);
  });

  it.each(['localhost', 'LOCALHOST:9090', '[::1]:9090', '127.0.0.1'])('accepts the Host %s', async (host) => {
    const { address } = await open();
    expect((await send(address, '/api/v1/cursors', { headers: { host } })).status).toBe(200);
  });

  it.each(['evil.example.com', 'localhost.evil.com', '127.0.0.1.nip.io:9090', '127.0.0.1@evil.com'])(
    'refuses the Host "%s", which a rebound name would send',
    async (host) => {
      const { address, calls } = await open();
      expect((await send(address, '/api/v1/cursors', { headers: { host } })).status).toBe(403);
      expect(calls).toEqual([]);
    },
  );

  it.each(['https://evil.example.com', 'null', 'http://127.0.0.1:9090'])(
    'refuses a page of origin %s',
    async (origin) => {
      const { address, calls } = await open();
      const answer = await send(address, pause, { method: 'POST', headers: { ...json, origin }, body: reason });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'ADMIN_REFUSED' } });
      expect(calls).toEqual([]);
    },
  );

  it.each([{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/x-www-form-urlencoded' }])(
    'refuses a post with the headers %o, which a form could send',
    async (headers) => {
      const { address, calls } = await open();
      const answer = await send(address, pause, { method: 'POST', headers, body: reason });
      expect(answer.status).toBe(415);
      expect(calls).toEqual([]);
    },
  );

  it('refuses another machine, also one that claims to be this one', () => {
    const caller = { method: 'GET', headers: { host: 'localhost', 'x-forwarded-for': '127.0.0.1' } };
    expect(judgeCaller({ ...caller, peer: '10.0.0.7' }, undefined)?.status).toBe(403);
    expect(judgeCaller({ ...caller, peer: undefined }, undefined)?.status).toBe(403);
    expect(judgeCaller({ ...caller, peer: '::ffff:127.0.0.1' }, undefined)).toBeUndefined();
  });
});

describe('the admin listener with a token', () => {
  it('serves whoever has it', async () => {
    const { address } = await open('s3cret');
    const headers = { authorization: 'Bearer s3cret' };
    expect((await send(address, '/api/v1/cursors', { headers })).status).toBe(200);
  });

  it.each([
    {},
    { authorization: 'Bearer wrong' },
    { authorization: 'Bearer s3cre' },
    { authorization: 'Bearer s3cret2' },
    { authorization: 'Bearer ' },
    { authorization: 'Basic s3cret' },
    { authorization: 's3cret' },
  ])('refuses the headers %o, and tells nothing of the right one', async (headers) => {
    const { address, calls } = await open('s3cret');
    const answer = await send(address, '/api/v1/cursors', { headers });
    expect(answer.status).toBe(401);
    expect(answer.body).not.toContain('s3cret');
    expect(calls).toEqual([]);
  });

  it('asks for it on unknown paths too', async () => {
    const { address } = await open('s3cret');
    expect((await send(address, '/api/v2/anything')).status).toBe(401);
  });

  it('still takes JSON only', async () => {
    const { address } = await open('s3cret');
    const headers = { authorization: 'Bearer s3cret', 'content-type': 'text/plain' };
    expect((await send(address, pause, { method: 'POST', headers, body: reason })).status).toBe(415);
  });
});
