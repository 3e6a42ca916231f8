import { expect, test } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { calm, clientFor, type TestClient, textOf } from './support/clients.ts';
import { closedPort, serveHttp, serveRaw, type TestServer } from './support/servers.ts';
import { grant, json, startTokenEndpoint, type TokenEndpoint } from './support/token-endpoint.ts';

const request = { method: 'GET', path: 'x' } as const;

function oauthClient(api: TestServer, tokenUrl: string, more: { scope?: string; audience?: string } = {}): TestClient {
  const clientSecret = new Secret('s3cr3t:ä');
  return clientFor(api.url, {
    auth: { kind: 'oauth2', tokenUrl, clientId: 'ferry', clientSecret, ...more },
    timeouts: { connect: 5_000, headers: 5_000, body: 5_000 },
  });
}

/** Answers with the token that came; 401 for those in `refused`. */
function startApi(refused: ReadonlySet<string> = new Set()): Promise<TestServer & { readonly served: string[] }> {
  const served: string[] = [];
  return serveHttp((asked, response) => {
    const token = asked.headers.authorization ?? '';
    served.push(token);
    response.writeHead(refused.has(token) ? 401 : 200).end(token);
  }).then((server) => ({ ...server, served }));
}

/** Holds back the answers until told. */
async function startHeldEndpoint(): Promise<TokenEndpoint & { release: () => void }> {
  const waiting: (() => void)[] = [];
  const endpoint = await startTokenEndpoint((response, count) => {
    waiting.push(() => grant({ expires_in: 3600 })(response, count));
  });
  const release = () => {
    for (const answer of waiting.splice(0)) answer();
  };
  return { ...endpoint, release };
}

test('asks for a token by client credentials with scope and audience, uses it again, and reports it', async () => {
  await using api = await startApi();
  await using endpoint = await startTokenEndpoint();
  await using client = oauthClient(api, `${endpoint.url}/token?tenant=1`, { scope: 'feeds.read', audience: 'api://x' });
  for (let count = 0; count < 3; count += 1)
    expect(textOf((await client.send(request, calm())).body)).toBe('Bearer token-1');
  expect(endpoint.requests).toHaveLength(1);
  const [asked] = endpoint.requests;
  expect(Object.fromEntries(asked?.form ?? [])).toEqual({
    grant_type: 'client_credentials',
    scope: 'feeds.read',
    audience: 'api://x',
  });
  expect(asked?.authorization).toBe(`Basic ${Buffer.from('ferry:s3cr3t%3A%C3%A4').toString('base64')}`);
  expect(client.events).toEqual([{ event: 'token.refreshed', subject: 'test/feed', expiresInMs: 3_600_000 }]);
});

test('keeps a token without a lifetime until it is refused', async () => {
  await using api = await startApi();
  await using endpoint = await startTokenEndpoint(grant({}));
  await using client = oauthClient(api, endpoint.url);
  await client.send(request, calm());
  await client.send(request, calm());
  expect(endpoint.requests).toHaveLength(1);
  expect(client.events).toEqual([{ event: 'token.refreshed', subject: 'test/feed', expiresInMs: undefined }]);
});

test('gets one token for 100 sends at once', async () => {
  await using api = await startApi();
  await using endpoint = await startHeldEndpoint();
  await using client = oauthClient(api, endpoint.url);
  const sent = Array.from({ length: 100 }, () => client.send(request, calm()));
  await expect.poll(() => endpoint.requests.length, { timeout: 10_000 }).toBe(1);
  endpoint.release();
  const answers = await Promise.all(sent);
  expect(new Set(answers.map(({ body }) => textOf(body)))).toEqual(new Set(['Bearer token-1']));
  expect(endpoint.requests).toHaveLength(1);
});

test('gets one new token when 100 sends at once are refused, and repeats each of them once', async () => {
  await using api = await startApi(new Set(['Bearer token-1']));
  await using endpoint = await startTokenEndpoint();
  await using client = oauthClient(api, endpoint.url);
  const answers = await Promise.all(Array.from({ length: 100 }, () => client.send(request, calm())));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(endpoint.requests).toHaveLength(2);
  expect(api.served.filter((token) => token === 'Bearer token-1')).toHaveLength(100);
  expect(api.served.filter((token) => token === 'Bearer token-2')).toHaveLength(100);
});

test('repeats a refused request with its body, once, and then returns the 401', async () => {
  const bodies: string[] = [];
  await using api = await serveHttp(async (asked, response) => {
    bodies.push(Buffer.concat(await asked.toArray()).toString());
    response.writeHead(401).end('no');
  });
  await using endpoint = await startTokenEndpoint();
  await using client = oauthClient(api, endpoint.url);
  const answer = await client.send({ method: 'POST', path: 'x', body: Buffer.from('hello') }, calm());
  expect(answer.status).toBe(401);
  expect(bodies).toEqual(['hello', 'hello']);
  expect(endpoint.requests).toHaveLength(2);
});

test('lets one caller give up while the others get the token', async () => {
  await using api = await startApi();
  await using endpoint = await startHeldEndpoint();
  await using client = oauthClient(api, endpoint.url);
  const stop = new AbortController();
  const first = expect(client.send(request, stop.signal)).rejects.toMatchObject({ code: 'STOPPING' });
  const second = client.send(request, calm());
  await expect.poll(() => endpoint.requests.length, { timeout: 10_000 }).toBe(1);
  stop.abort();
  await first;
  endpoint.release();
  expect((await second).status).toBe(200);
  expect(endpoint.requests).toHaveLength(1);
});

test('ends those who wait for a token with STOPPING when disposed', async () => {
  await using api = await startApi();
  await using endpoint = await startHeldEndpoint();
  const client = oauthClient(api, endpoint.url);
  const outcome = expect(client.send(request, calm())).rejects.toMatchObject({ code: 'STOPPING' });
  await expect.poll(() => endpoint.requests.length, { timeout: 10_000 }).toBe(1);
  await client[Symbol.asyncDispose]();
  await outcome;
  await expect.poll(() => endpoint.open(), { timeout: 10_000 }).toBe(0);
});

test('says TOKEN_UNAVAILABLE with the time-out as cause, and asks again with the next send', async () => {
  await using api = await startApi();
  let hang = true;
  await using endpoint = await startTokenEndpoint((response, count) => {
    if (!hang) grant({})(response, count);
  });
  await using client = clientFor(api.url, {
    auth: { kind: 'oauth2', tokenUrl: endpoint.url, clientId: 'a', clientSecret: new Secret('b') },
    timeouts: { connect: 5_000, headers: 1_000, body: 5_000 },
  });
  await expect(client.send(request, calm())).rejects.toMatchObject({
    code: 'TOKEN_UNAVAILABLE',
    cause: { code: 'UPSTREAM_TIMEOUT' },
  });
  hang = false;
  expect((await client.send(request, calm())).status).toBe(200);
});

test('says TOKEN_UNAVAILABLE with the broken connection as cause', async () => {
  await using api = await startApi();
  await using broken = await serveRaw((socket) => socket.resetAndDestroy());
  for (const url of [broken.url, `http://127.0.0.1:${await closedPort()}`]) {
    await using client = oauthClient(api, url);
    await expect(client.send(request, calm())).rejects.toMatchObject({
      code: 'TOKEN_UNAVAILABLE',
      message: expect.stringContaining(url),
      cause: { code: 'UPSTREAM_UNREACHABLE' },
    });
  }
  expect(api.served).toEqual([]);
});

test.each([
  [400, 'UPSTREAM_REFUSED'],
  [401, 'AUTH_REFUSED'],
  [302, 'UPSTREAM_REFUSED'],
  [404, 'UPSTREAM_NOT_FOUND'],
  [503, 'UPSTREAM_ERROR'],
])('says TOKEN_UNAVAILABLE for a %i of the token endpoint, caused by %s, with its words', async (status, code) => {
  await using api = await startApi();
  await using endpoint = await startTokenEndpoint((response) => json(response, status, { error: 'invalid_client' }));
  await using client = oauthClient(api, `${endpoint.url}/token?k=hush`);
  const error = await client.send(request, calm()).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'TOKEN_UNAVAILABLE', cause: { code } });
  expect(String(error)).toContain(`POST ${endpoint.url}/token: answered ${status}: {"error":"invalid_client"}`);
  expect(String(error)).not.toContain('hush');
});

test('passes on how long the token endpoint asks to wait', async () => {
  await using api = await startApi();
  await using endpoint = await startTokenEndpoint((response) => {
    response.setHeader('retry-after', '7');
    json(response, 429, {});
  });
  await using client = oauthClient(api, endpoint.url);
  await expect(client.send(request, calm())).rejects.toMatchObject({ code: 'TOKEN_UNAVAILABLE', retryAfterMs: 7_000 });
});

test.each([
  ['HTML', '<html>hush</html>', 'text/html'],
  ['broken JSON', '{"access_token":"hush', 'application/json'],
  ['an empty answer', '', 'application/json'],
  ['no token', '{"token_type":"bearer","hint":"hush"}', 'application/json'],
  ['a token of another type', '{"access_token":"hush","token_type":"mac"}', 'application/json'],
  ['a lifetime that is none', '{"access_token":"hush","token_type":"bearer","expires_in":"soon"}', 'application/json'],
])('says TOKEN_UNAVAILABLE for %s, and shows none of it', async (_title, body, mediaType) => {
  await using api = await startApi();
  await using endpoint = await startTokenEndpoint((response) => {
    response.writeHead(200, { 'content-type': mediaType }).end(body);
  });
  await using client = oauthClient(api, endpoint.url);
  const error = await client.send(request, calm()).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'TOKEN_UNAVAILABLE' });
  expect(String(error)).not.toContain('hush');
});
