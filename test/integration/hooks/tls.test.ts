import { createHash, X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { openListener } from '../../support/hooks/listener.ts';
import { type Certificates, makeCertificates, type Pair } from '../../unit/http/support/certificates.ts';

const made = makeCertificates();
const others = makeCertificates();

function tlsOf({ ca, server }: Certificates) {
  return { cert: new Secret(server.cert), key: new Secret(server.key), clientCa: new Secret(ca) };
}

function send(url: string, pair?: Pair): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = { 'content-type': 'application/json' };
  const sending = request(url, { method: 'POST', headers, ca: made.ca, agent: false, ...pair }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  sending.on('error', reject);
  sending.end('{}');
  return promise;
}

function fingerprint({ cert }: Pair): string {
  return createHash('sha256').update(new X509Certificate(cert).raw).digest('hex');
}

describe('the listener for webhooks, with TLS,', () => {
  it('takes a sender by a certificate that its authority has signed, and no other', async () => {
    await using hooks = await openListener({
      settings: { tls: tlsOf(made) },
      arrival: { verification: { kind: 'certificate', sha256: [], commonNames: ['client'] } },
    });
    expect(await send(hooks.url, made.client)).toBe(202);
    expect(await send(hooks.url, made.stranger)).toBe(403);
    expect(await send(hooks.url)).toBe(403);
    // The same name, signed by somebody else.
    expect(await send(hooks.url, others.client)).toBe(403);
    expect(hooks.taken.map(({ clientCertificate }) => clientCertificate)).toEqual([
      { sha256: fingerprint(made.client), commonName: 'client' },
    ]);
  });

  it('asks nobody for a certificate whose pipeline does not', async () => {
    await using hooks = await openListener({ settings: { tls: tlsOf(made) } });
    expect(await send(hooks.url)).toBe(202);
    expect(await send(hooks.url, made.client)).toBe(202);
  });
});
