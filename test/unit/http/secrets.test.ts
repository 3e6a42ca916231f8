import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { classifyStatus } from '../../../src/kit/classify-status.ts';
import { type ClientOptions, calm, clientFor } from './support/clients.ts';
import { closedPort, serveHttp, serveRaw } from './support/servers.ts';
import { json, startTokenEndpoint } from './support/token-endpoint.ts';

const secret = 'hush-hush/"ä+1';
const spellings = [
  secret,
  encodeURIComponent(secret),
  'hush-hush',
  Buffer.from(`ferry:${secret}`).toString('base64'),
  Buffer.from(`ferry:${encodeURIComponent(secret)}`).toString('base64'),
];

function everythingIn(error: unknown): string {
  const parts: string[] = [];
  for (let link = error; link instanceof Error; link = link.cause) {
    parts.push(link.message, String(link.stack), JSON.stringify(link), inspect(link, { depth: 20, showHidden: true }));
  }
  return parts.join('\n');
}

async function failureOf(url: string, options: ClientOptions): Promise<string> {
  await using client = clientFor(url, options);
  const error: unknown = await client.send({ method: 'GET', path: 'x' }, calm()).then(
    (answer) => classifyStatus(answer, 'GET x'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return everythingIn(error);
}

const auths = [
  { auth: { kind: 'bearer', token: new Secret('hush-hush') } },
  { auth: { kind: 'basic', username: 'ferry', password: new Secret(secret) } },
  { auth: { kind: 'none' }, headers: { 'x-api-key': new Secret('hush-hush') } },
] as const satisfies readonly ClientOptions[];

test.each(auths)('are in no error of a failing upstream: $auth.kind', async (options) => {
  await using reset = await serveRaw((socket) => socket.resetAndDestroy());
  await using garbage = await serveRaw((socket) => socket.end('garbage'));
  await using silent = await serveHttp(() => {});
  await using echoing = await serveHttp((asked, response) => {
    response.writeHead(401, { 'x-echo': 'hush-hush' }).end(`denied: ${asked.headers.authorization ?? ''}`);
  });
  const short = { connect: 1_000, headers: 50, body: 50 };
  const shown = [
    await failureOf(reset.url, options),
    await failureOf(garbage.url, options),
    await failureOf(silent.url, { ...options, timeouts: short }),
    await failureOf(echoing.url, options),
    await failureOf(`http://127.0.0.1:${await closedPort()}`, options),
  ].join('\n');
  for (const spelling of spellings) expect(shown).not.toContain(spelling);
});

test('are in no error of a token endpoint, even one that echoes them', async () => {
  const sent: string[] = [];
  await using echoing = await startTokenEndpoint((response, _count, asked) => {
    const pair = (asked.headers.authorization ?? '').replace('Basic ', '');
    sent.push(pair, Buffer.from(pair, 'base64').toString().replace('ferry:', ''));
    json(response, 400, { error: 'invalid_client', told: [secret, encodeURIComponent(secret), ...sent] });
  });
  await using careless = await startTokenEndpoint((response) => {
    json(response, 200, { access_token: 'hush-hush', token_type: 'unheard-of', id_token: 'hush-hush' });
  });
  for (const tokenUrl of [echoing.url, careless.url, `http://127.0.0.1:${await closedPort()}`]) {
    const auth = { kind: 'oauth2', tokenUrl, clientId: 'ferry', clientSecret: new Secret(secret) } as const;
    const shown = await failureOf('http://127.0.0.1:1', { auth });
    for (const spelling of [...spellings, ...sent]) expect(shown).not.toContain(spelling);
  }
  expect(sent).toHaveLength(2);
});

test('of a proxy are in no error', async () => {
  const proxy = { http: `http://ferry:hush-hush@127.0.0.1:${await closedPort()}` };
  const shown = await failureOf('http://127.0.0.1:1', { proxy });
  for (const spelling of [...spellings, Buffer.from('ferry:hush-hush').toString('base64')]) {
    expect(shown).not.toContain(spelling);
  }
});
