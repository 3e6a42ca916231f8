import { getCACertificates, setDefaultCACertificates, TLSSocket } from 'node:tls';
import { beforeAll, expect, test } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { type Certificates, makeCertificates } from './support/certificates.ts';
import { calm, clientFor, textOf } from './support/clients.ts';
import { serveHttp, serveHttps } from './support/servers.ts';
import { grant } from './support/token-endpoint.ts';

let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates();
});

const request = { method: 'GET', path: 'x' } as const;

test('trusts an authority that is given, and no other', async () => {
  await using server = await serveHttps(certificates.server, (_request, response) => response.end('ok'));
  await using trusting = clientFor(server.url, { tls: { ca: new Secret(certificates.ca) } });
  expect(textOf((await trusting.send(request, calm())).body)).toBe('ok');
  await using plain = clientFor(server.url);
  await expect(plain.send(request, calm())).rejects.toMatchObject({
    code: 'UPSTREAM_UNREACHABLE',
    message: expect.stringContaining('certificate is not trusted'),
    hint: expect.stringContaining('tls.ca'),
  });
});

test("trusts the platform's authorities besides a given one for the token endpoint, but not for the upstream", async () => {
  const platform = getCACertificates('default');
  setDefaultCACertificates([certificates.ca]);
  try {
    const tls = { ca: new Secret(makeCertificates().ca) };
    await using identity = await serveHttps(certificates.server, (_request, response) => grant({})(response, 1));
    await using server = await serveHttp((_request, response) => response.end('ok'));
    const auth = { kind: 'oauth2', tokenUrl: identity.url, clientId: 'a', clientSecret: new Secret('b') } as const;
    await using client = clientFor(server.url, { tls, auth });
    expect(textOf((await client.send(request, calm())).body)).toBe('ok');
    await using strict = clientFor(identity.url, { tls });
    await expect(strict.send(request, calm())).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  } finally {
    setDefaultCACertificates(platform);
  }
});

test('refuses a certificate for another name', async () => {
  await using server = await serveHttps(certificates.stranger, (_request, response) => response.end('ok'));
  await using client = clientFor(server.url, { tls: { ca: new Secret(certificates.ca) } });
  await expect(client.send(request, calm())).rejects.toMatchObject({
    code: 'UPSTREAM_UNREACHABLE',
    message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
  });
});

test('shows its own certificate where one is set', async () => {
  const options = { ...certificates.server, ca: certificates.ca, requestCert: true, rejectUnauthorized: true };
  await using server = await serveHttps(options, ({ socket }, response) => {
    response.end(socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject.CN) : 'none');
  });
  const ca = new Secret(certificates.ca);
  const { cert, key } = certificates.client;
  await using known = clientFor(server.url, { tls: { ca, cert: new Secret(cert), key: new Secret(key) } });
  expect(textOf((await known.send(request, calm())).body)).toBe('client');
  await using unknown = clientFor(server.url, { tls: { ca } });
  await expect(unknown.send(request, calm())).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
});

test('refuses PEM texts that cannot be used, without showing them', () => {
  const { cert, key } = certificates.client;
  const bad = [
    { ca: new Secret('-----BEGIN CERTIFICATE-----\nhush\n-----END CERTIFICATE-----') },
    { cert: new Secret(cert), key: new Secret('hush') },
    { cert: new Secret(cert), key: new Secret(certificates.server.key) },
    { cert: new Secret(cert) },
    { key: new Secret(key) },
  ];
  for (const tls of bad) {
    const act = () => clientFor('https://127.0.0.1:1', { tls });
    expect(act).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(act).toThrow(expect.not.objectContaining({ cause: expect.anything() }));
    expect(act).not.toThrow(/hush|user/);
  }
});
