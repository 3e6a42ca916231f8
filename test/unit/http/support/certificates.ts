import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  readonly ca: string;
  /** For 127.0.0.1 and localhost. */
  readonly server: Pair;
  readonly client: Pair;
  /** For another name altogether. */
  readonly stranger: Pair;
}

/** A fresh authority and what it signed. Takes some 100 ms; needs `openssl`. */
export function makeCertificates(): Certificates {
  const dir = mkdtempSync(join(tmpdir(), 'feedferry-tls-'));
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const read = (name: string) => readFileSync(join(dir, name), 'utf8');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const sign = (name: string, alternatives: string): Pair => {
    writeFileSync(join(dir, `${name}.ext`), `subjectAltName=${alternatives}`);
    openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...authority, '-days', '2', '-out', `${name}.crt`);
    return { cert: read(`${name}.crt`), key: read(`${name}.key`) };
  };
  try {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-subj',
      '/CN=test authority',
      '-days',
      '2',
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
    );
    return {
      ca: read('ca.crt'),
      server: sign('server', 'IP:127.0.0.1,DNS:localhost'),
      client: sign('client', 'DNS:client.test'),
      stranger: sign('stranger', 'DNS:stranger.test'),
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}
