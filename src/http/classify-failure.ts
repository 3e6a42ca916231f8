import { BridgeError, type ErrorCode } from '../core/errors.ts';

interface Reading {
  readonly code: ErrorCode;
  readonly words: string;
  readonly hint?: string;
}

const untrusted: Reading = {
  code: 'UPSTREAM_UNREACHABLE',
  words: 'its TLS certificate is not trusted',
  hint: 'Put the certificate of the authority that signed it under tls.ca.',
};
const timedOut: Reading = { code: 'UPSTREAM_TIMEOUT', words: 'no connection in time' };
const unresolved: Reading = { code: 'UPSTREAM_UNREACHABLE', words: 'the name of the host does not resolve' };
const brokenOff: Reading = { code: 'UPSTREAM_UNREACHABLE', words: 'the connection broke off' };
const truncated: Reading = { code: 'UPSTREAM_UNREACHABLE', words: 'the answer broke off before its end' };
const unproxied: Reading = {
  code: 'UPSTREAM_UNREACHABLE',
  words: 'the proxy refused the connection',
  hint: 'Check address, credentials and allow-list of the proxy.',
};
const disposed: Reading = { code: 'STOPPING', words: 'the bridge is being stopped' };

/** What Node and undici call their failures. Whatever is not here is UPSTREAM_UNREACHABLE too. */
const readings = new Map<string, Reading>([
  ['UND_ERR_CONNECT_TIMEOUT', timedOut],
  ['ETIMEDOUT', timedOut],
  ['UND_ERR_HEADERS_TIMEOUT', { code: 'UPSTREAM_TIMEOUT', words: 'no answer in time' }],
  ['UND_ERR_BODY_TIMEOUT', { code: 'UPSTREAM_TIMEOUT', words: 'the answer stopped coming before its end' }],
  ['ENOTFOUND', unresolved],
  ['EAI_AGAIN', unresolved],
  ['ECONNREFUSED', { code: 'UPSTREAM_UNREACHABLE', words: 'nothing accepts connections there' }],
  ['ECONNRESET', brokenOff],
  ['EPIPE', brokenOff],
  ['UND_ERR_SOCKET', brokenOff],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', truncated],
  ['HPE_INVALID_EOF_STATE', truncated],
  ['UND_ERR_HEADERS_OVERFLOW', { code: 'RESPONSE_TOO_LARGE', words: 'the headers of the answer are too large' }],
  ['HPE_HEADER_OVERFLOW', { code: 'RESPONSE_TOO_LARGE', words: 'the headers of the answer are too large' }],
  ['UND_ERR_ABORTED', unproxied],
  ['UND_ERR_PRX_CONN', unproxied],
  ['UND_ERR_PRX_TLS', unproxied],
  ['UND_ERR_DESTROYED', disposed],
  ['UND_ERR_CLOSED', disposed],
  ['ERR_TLS_CERT_ALTNAME_INVALID', { ...untrusted, words: 'its TLS certificate is for another name' }],
  ['CERT_HAS_EXPIRED', { ...untrusted, words: 'its TLS certificate has expired', hint: 'Tell the upstream.' }],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', untrusted],
  ['SELF_SIGNED_CERT_IN_CHAIN', untrusted],
  ['UNABLE_TO_GET_ISSUER_CERT', untrusted],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', untrusted],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', untrusted],
]);

const other: Reading = { code: 'UPSTREAM_UNREACHABLE', words: 'no answer came through' };
/** undici checks a request before anything is sent. */
const unsendable: Reading = {
  code: 'UPSTREAM_REFUSED',
  words: 'not sent: a header holds characters that HTTP does not allow',
  hint: 'Look for line breaks in the values of headers, token and password.',
};

/**
 * What a failure of undici or of a socket means. `what` was asked; `started`: the request had been handed to a
 * connection, so that an invalid argument is not ours but how undici reports a proxy that wants credentials.
 */
export function classifyFailure(error: unknown, what: string, started: boolean): BridgeError {
  const code = codeOf(error);
  const reading = readingOf(code, started);
  const named = code === undefined ? '' : ` (${code})`;
  const hint = reading.hint === undefined ? {} : { hint: reading.hint };
  return new BridgeError(reading.code, `${what}: ${reading.words}${named}`, { cause: slim(error), ...hint });
}

function readingOf(code: string | undefined, started: boolean): Reading {
  if (code === 'UND_ERR_INVALID_ARG') return started ? unproxied : unsendable;
  return (code === undefined ? undefined : readings.get(code)) ?? other;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The stranger's error without what hangs on it: certificates, sockets, bytes of the answer. */
function slim(error: unknown): Error {
  if (error instanceof AggregateError && error.message === '') return new Error(error.errors.map(String).join('; '));
  return new Error(error instanceof Error ? error.message : String(error));
}
