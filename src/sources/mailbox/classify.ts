import { BridgeError, type ErrorCode } from '../../core/errors.ts';
import { excerpt } from '../../kit/excerpt.ts';

/** What the IMAP library, the TLS layer and sockets call their failures. Any other is UPSTREAM_UNREACHABLE. */
const timedOut = new Set([
  'CONNECT_TIMEOUT',
  'GREETING_TIMEOUT',
  'UPGRADE_TIMEOUT',
  'ETIMEOUT',
  'ETIMEDOUT',
  'LockTimeout',
]);
const untrusted = new Set([
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const tooLarge = new Set(['LineTooLarge', 'LiteralTooLarge', 'ResponseTooLarge', 'TooManyTokens', 'TooManyResponses']);

/** Response codes of RFC 5530 and others with which a server says why it refuses a command. */
const refusals = new Map<string, ErrorCode>([
  ['NONEXISTENT', 'MAILBOX_FOLDER_MISSING'],
  ['TRYCREATE', 'MAILBOX_FOLDER_MISSING'],
  ['NOPERM', 'MAILBOX_NOT_WRITABLE'],
  ['READ-ONLY', 'MAILBOX_NOT_WRITABLE'],
]);

/** What may hang on an error of the library. */
interface Facts {
  readonly message: string;
  readonly code?: unknown;
  readonly authenticationFailed?: unknown;
  readonly mailboxMissing?: unknown;
  readonly serverResponseCode?: unknown;
  readonly responseStatus?: unknown;
  readonly responseText?: unknown;
  readonly throttleReset?: unknown;
}

function codeOf(facts: Facts): ErrorCode {
  const code = String(facts.code ?? '');
  if (facts.authenticationFailed === true) return 'AUTH_REFUSED';
  if (facts.mailboxMissing === true) return 'MAILBOX_FOLDER_MISSING';
  if (code === 'ETHROTTLE') return 'UPSTREAM_RATE_LIMITED';
  const refused = refusals.get(String(facts.serverResponseCode ?? ''));
  if (refused) return refused;
  if (facts.responseStatus === 'NO' || facts.responseStatus === 'BAD') return 'UPSTREAM_ERROR';
  if (timedOut.has(code)) return 'UPSTREAM_TIMEOUT';
  if (tooLarge.has(code)) return 'RESPONSE_TOO_LARGE';
  return 'UPSTREAM_UNREACHABLE';
}

/** What a failure of the IMAP library means. `what` was done, with whom. */
export function classifyMailFailure(thrown: unknown, what: string): BridgeError {
  if (thrown instanceof BridgeError) return thrown;
  const facts: Facts = thrown instanceof Error ? thrown : { message: String(thrown) };
  const code = typeof facts.code === 'string' ? facts.code : undefined;
  const said = typeof facts.responseText === 'string' ? excerpt(facts.responseText) : '';
  const words = said === '' ? `${excerpt(facts.message)}${code === undefined ? '' : ` (${code})`}` : `it says: ${said}`;
  return new BridgeError(codeOf(facts), `${what}: ${words}`, {
    cause: new Error(facts.message),
    ...(code !== undefined && untrusted.has(code) && { hint: 'Put the authority’s certificate under mailbox.tls.ca.' }),
    ...(typeof facts.throttleReset === 'number' && { retryAfterMs: facts.throttleReset }),
  });
}
