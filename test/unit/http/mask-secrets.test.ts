import { expect, test } from 'vitest';
import type { HttpResponse } from '../../../src/core/http.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createMask } from '../../../src/http/mask-secrets.ts';
import { calm, clientFor, textOf } from './support/clients.ts';
import { serveHttp } from './support/servers.ts';
import { grant, startTokenEndpoint } from './support/token-endpoint.ts';

const secret = 'hush"/+&<ä€ 1';

function answer(body: string | Uint8Array): HttpResponse {
  return { status: 401, headers: {}, body: Buffer.from(body), receivedAt: new Date() };
}

function masked(body: string | Uint8Array, ...secrets: readonly string[]): string {
  return textOf(createMask(secrets)(answer(body)).body);
}

test.each([
  ['as it is', secret],
  ['in JSON', JSON.stringify(secret).slice(1, -1)],
  ['in JSON with escaped slashes', JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
  ['in JSON of ASCII alone', 'hush\\"/+&<\\u00e4\\u20AC 1'],
  ['in JSON that .NET writes', 'hush\\u0022/\\u002B\\u0026\\u003C\\u00E4\\u20AC 1'],
  ['in a URL', encodeURIComponent(secret)],
  ['in a URL with lower-case digits', encodeURIComponent(secret).toLowerCase()],
  ['in a form', new URLSearchParams({ '': secret }).toString().slice(1)],
  ['in JSON in HTML', 'hush\\&quot;/+&amp;&lt;\\u00e4\\u20ac 1'],
  ['in a URL in a URL', encodeURIComponent(encodeURIComponent(secret))],
  ['in HTML', 'hush&quot;/+&amp;&lt;ä€ 1'],
  ['in HTML by numbers', 'hush&#34;&#x2F;&#x2b;&amp;&#60;&#228;&#8364; 1'],
])('takes a secret out %s', (_name, spelled) => {
  expect(masked(`you sent ${spelled}, twice: ${spelled}!`, secret)).toBe('you sent [secret], twice: [secret]!');
});

test('takes out the longer one of two that begin alike, and leaves short ones alone', () => {
  expect(masked('hush hush-hush no', 'hush', 'hush-hush', 'no')).toBe('[secret] [secret] no');
});

test('leaves every other byte as it came', () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x00, ...Buffer.from('hush-hush'), 0xc3, 0x28]);
  const body = createMask(['hush-hush'])(answer(bytes)).body;
  expect(Buffer.from(body)).toEqual(Buffer.from([0xff, 0xfe, 0x00, ...Buffer.from('[secret]'), 0xc3, 0x28]));
  const untouched = answer('nothing of it');
  expect(createMask(['hush-hush'])(untouched)).toBe(untouched);
});

test('an answer that is no success, or is a web page, holds no secret that was sent; data is as it came', async () => {
  await using endpoint = await startTokenEndpoint(grant({ access_token: 'opaque-token', expires_in: 3600 }));
  const headers = { 'x-api-key': new Secret('canary-key') };
  const basic = { kind: 'basic', username: 'ferry', password: new Secret('canary-password') } as const;
  const bearer = { kind: 'bearer', token: new Secret('canary-token') } as const;
  const oauth2 = {
    kind: 'oauth2',
    tokenUrl: endpoint.url,
    clientId: 'ferry',
    clientSecret: new Secret('canary-secret'),
  } as const;
  for (const auth of [basic, bearer, oauth2]) {
    for (const [status, type] of [
      [400, 'application/json'],
      [302, 'text/plain'],
      [200, 'text/html; charset=utf-8'],
      [200, 'application/json'],
    ] as const) {
      await using echoing = await serveHttp((asked, response) => {
        const [, credentials = ''] = (asked.headers.authorization ?? '').split(' ');
        const plain = Buffer.from(credentials, 'base64').toString();
        const told = [asked.headers['x-api-key'], credentials, plain.split(':')[1]];
        response.writeHead(status, { 'content-type': type }).end(JSON.stringify(told));
      });
      await using client = clientFor(echoing.url, { auth, headers });
      const text = textOf((await client.send({ method: 'GET', path: 'x' }, calm())).body);
      if (status === 200 && type === 'application/json') expect(text).toContain('canary-key');
      else expect(text).not.toMatch(/canary|opaque|Y2FuYXJ5/);
    }
  }
});

test('a path that a fresh token was refused for is asked once at a time from then on, until it is granted', async () => {
  let refused = true;
  const asked: string[] = [];
  await using api = await serveHttp(({ url = '', headers }, response) => {
    asked.push(`${url} ${headers.authorization}`);
    response.writeHead(refused && url === '/x' ? 401 : 200).end();
  });
  await using endpoint = await startTokenEndpoint();
  await using client = clientFor(api.url, {
    auth: { kind: 'oauth2', tokenUrl: endpoint.url, clientId: 'ferry', clientSecret: new Secret('canary-secret') },
  });
  const send = async (path: string) => (await client.send({ method: 'GET', path }, calm())).status;
  expect([await send('x'), await send('x'), await send('x'), await send('y')]).toEqual([401, 401, 401, 200]);
  const tokens = [1, 2, 2, 3].map((count) => `/x Bearer token-${count}`);
  expect(asked).toEqual([...tokens, '/y Bearer token-4']);
  refused = false;
  expect(await send('x')).toBe(200);
  expect(asked.at(-1)).toBe('/x Bearer token-4');
});
