import { beforeAll, expect, test, vi } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { type Certificates, makeCertificates } from './support/certificates.ts';
import { calm, clientFor, textOf } from './support/clients.ts';
import { startProxy } from './support/proxy.ts';
import { closedPort, serveHttp, serveHttps, serveRaw } from './support/servers.ts';
import { json, startTokenEndpoint } from './support/token-endpoint.ts';

let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates();
});

const request = { method: 'GET', path: 'feed?x=1' } as const;

test('tunnels https through the proxy, with TLS to the upstream itself and credentials to the proxy alone', async () => {
  const leaked: unknown[] = [];
  await using server = await serveHttps(certificates.server, (asked, response) => {
    leaked.push(asked.headers['proxy-authorization']);
    response.end('ok');
  });
  await using proxy = await startProxy();
  await using client = clientFor(server.url, {
    tls: { ca: new Secret(certificates.ca) },
    proxy: { https: `http://user:pa%24s@127.0.0.1:${proxy.port}` },
  });
  expect(textOf((await client.send(request, calm())).body)).toBe('ok');
  expect(proxy.seen).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
  expect(proxy.credentials).toEqual([`Basic ${Buffer.from('user:pa$s').toString('base64')}`]);
  expect(leaked).toEqual([undefined]);
});

test('asks the proxy for http upstreams; a proxy may be named without scheme', async () => {
  await using server = await serveHttp((asked, response) => response.end(asked.headers.host));
  await using proxy = await startProxy();
  await using client = clientFor(server.url, { proxy: { http: `127.0.0.1:${proxy.port}` } });
  expect(textOf((await client.send(request, calm())).body)).toBe(`127.0.0.1:${server.port}`);
  expect(proxy.seen).toEqual([`GET ${server.url}/feed?x=1`]);
});

test('goes around the proxy for hosts in the exception list, and where only the other scheme has one', async () => {
  await using server = await serveHttp((_request, response) => response.end('ok'));
  await using proxy = await startProxy();
  for (const settings of [{ http: proxy.url, no: 'example.com,127.0.0.1' }, { https: proxy.url }, { http: '' }]) {
    await using client = clientFor(server.url, { proxy: settings });
    expect((await client.send(request, calm())).status).toBe(200);
  }
  expect(proxy.seen).toEqual([]);
});

test('takes no proxy and no exception from the environment', async () => {
  const nowhere = `http://127.0.0.1:${await closedPort()}`;
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, nowhere);
  vi.stubEnv('no_proxy', '*');
  try {
    await using server = await serveHttp((_request, response) => response.end('ok'));
    await using proxy = await startProxy();
    await using direct = clientFor(server.url);
    await using proxied = clientFor(server.url, { proxy: { http: proxy.url } });
    expect((await direct.send(request, calm())).status).toBe(200);
    expect((await proxied.send(request, calm())).status).toBe(200);
    expect(proxy.seen).toHaveLength(1);
  } finally {
    vi.unstubAllEnvs();
  }
});

test('fetches tokens through the proxy too', async () => {
  await using server = await serveHttp((_request, response) => response.end('ok'));
  await using endpoint = await startTokenEndpoint();
  await using proxy = await startProxy();
  await using client = clientFor(server.url, {
    auth: { kind: 'oauth2', tokenUrl: `${endpoint.url}/token`, clientId: 'a', clientSecret: new Secret('b') },
    proxy: { http: proxy.url },
  });
  expect((await client.send(request, calm())).status).toBe(200);
  expect(proxy.seen).toEqual([`POST ${endpoint.url}/token`, `GET ${server.url}/feed?x=1`]);
});

test('fetches tokens over https from the authority that is given', async () => {
  await using identity = await serveHttps(certificates.server, (_request, response) => {
    json(response, 200, { access_token: 'token', token_type: 'bearer' });
  });
  await using server = await serveHttps(certificates.server, (asked, response) =>
    response.end(asked.headers.authorization),
  );
  await using client = clientFor(server.url, {
    auth: { kind: 'oauth2', tokenUrl: identity.url, clientId: 'a', clientSecret: new Secret('b') },
    tls: { ca: new Secret(certificates.ca) },
  });
  expect(textOf((await client.send(request, calm())).body)).toBe('Bearer token');
});

test('says UPSTREAM_UNREACHABLE when the proxy is down, refuses, or wants credentials', async () => {
  const proxyless = { https: `http://127.0.0.1:${await closedPort()}`, http: `http://127.0.0.1:${await closedPort()}` };
  await using forbidding = await startProxy(403);
  await using asking = await startProxy(407);
  await using closing = await serveRaw((socket) => socket.end());
  for (const url of ['https://127.0.0.1:1', 'http://127.0.0.1:1']) {
    for (const { proxy } of [
      { proxy: proxyless },
      { proxy: { https: forbidding.url } },
      { proxy: { https: asking.url, http: asking.url } },
      { proxy: { https: closing.url, http: closing.url } },
    ]) {
      await using client = clientFor(url, { proxy });
      await expect(client.send(request, calm())).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    }
  }
});

test('gives up a proxy that takes a CONNECT and stays silent', async () => {
  await using silent = await serveRaw(() => {});
  await using client = clientFor('https://127.0.0.1:1', {
    proxy: { https: silent.url },
    timeouts: { connect: 150, headers: 60_000, body: 60_000 },
  });
  await expect(client.send(request, calm())).rejects.toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
    message: expect.stringContaining('no connection within 150 ms'),
  });
});

test('refuses a proxy that is no URL, without showing it', () => {
  for (const bad of ['http://user:hush@:bad port', 'ftp://user:hush@127.0.0.1', 'user:hush@']) {
    const act = () => clientFor('https://127.0.0.1:1', { proxy: { https: bad } });
    expect(act).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(act).toThrow(expect.not.objectContaining({ cause: expect.anything() }));
    expect(act).not.toThrow(/hush|user/);
  }
});
