/** What to say of a failure of TLS. */
export interface TlsFailure {
  readonly words: string;
  readonly hint: string;
}

const otherAuthority: TlsFailure = {
  words: 'the broker’s TLS certificate is not trusted',
  hint: 'Put the certificate of the authority that signed it under tls.ca.',
};
const expired: TlsFailure = {
  words: 'the broker’s TLS certificate is not valid at this time',
  hint: 'Renew it at the broker; or look at the clock of this machine.',
};
const otherName: TlsFailure = {
  words: 'the broker’s TLS certificate is for another name',
  hint: 'Under bootstrap, and in advertised.listeners of the broker, use the names that are in the certificate.',
};
const refused: TlsFailure = {
  words: 'the broker refuses our TLS certificate, or wants one',
  hint: 'Give it one that it trusts: tls.cert and tls.key.',
};
const other: TlsFailure = {
  words: 'no agreement with the broker on TLS',
  hint: 'Check whether the port of the address speaks TLS, and the versions and ciphers of both sides.',
};

/** As Node and OpenSSL call them. */
const failures = new Map<string, TlsFailure>([
  ['ERR_TLS_CERT_ALTNAME_INVALID', otherName],
  ['HOSTNAME_MISMATCH', otherName],
  ['CERT_HAS_EXPIRED', expired],
  ['CERT_NOT_YET_VALID', expired],
  ...[
    'CERT_CHAIN_TOO_LONG',
    'CERT_REJECTED',
    'CERT_REVOKED',
    'CERT_SIGNATURE_FAILURE',
    'CERT_UNTRUSTED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ].map((code) => [code, otherAuthority] as const),
]);

/** Undefined for a code that has nothing to do with TLS. Total. */
export function tlsFailure(code: unknown): TlsFailure | undefined {
  if (typeof code !== 'string') return undefined;
  const known = failures.get(code);
  if (known) return known;
  if (!code.startsWith('ERR_SSL_')) return undefined;
  return /ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code) ? refused : other;
}
