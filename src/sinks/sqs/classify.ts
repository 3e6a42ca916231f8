import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { BridgeError, type ErrorCode, type ErrorDetails } from '../../core/errors.ts';
import { excerpt } from '../../kit/excerpt.ts';
import { retryAfterMs } from '../../kit/retry-after.ts';
import type { Failure } from './client.ts';
import { codeOfName, plainName } from './names.ts';

/** The parts of what the library throws that say what happened. Never its message alone. */
interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly syscall: string;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

function read(thrown: unknown): Thrown {
  const error: Record<string, unknown> = typeof thrown === 'object' && thrown !== null ? { ...thrown } : {};
  const own = (key: string): unknown => (thrown instanceof Error ? Reflect.get(thrown, key) : error[key]);
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const inner = (key: string) => (own(key) ?? {}) as Readonly<Record<string, unknown>>;
  // Several addresses of one name, each tried in vain: the first one speaks for all.
  const attempts = own('errors');
  const [first] = Array.isArray(attempts) ? attempts : [];
  if (first instanceof Error && text(own('syscall')) === '') return read(first);
  const status = inner('$metadata')['httpStatusCode'] ?? inner('$response')['statusCode'];
  return {
    name: text(own('name')),
    message: text(own('message')),
    code: text(own('code')),
    syscall: text(own('syscall')),
    status: typeof status === 'number' ? status : undefined,
    headers: (inner('$response')['headers'] ?? {}) as Readonly<Record<string, string>>,
  };
}

function codeOfStatus(status: number): ErrorCode {
  if (status >= 500 || status === 408 || status === 429) return 'BROKER_UNAVAILABLE';
  if (status === 401 || status === 403) return 'BROKER_NOT_AUTHORISED';
  if (status === 404) return 'DESTINATION_MISSING';
  if (status === 413) return 'EVENT_TOO_LARGE';
  // What is unheard of stops the feed, visibly, before it makes a dead letter of each event.
  return 'DESTINATION_UNWRITABLE';
}

const hints: Readonly<Partial<Record<ErrorCode, string>>> = {
  BROKER_AUTH_REFUSED:
    'Check credentials and region: a role of the pod or the machine, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ~/.aws, or `credentials` of the broker.',
  BROKER_NOT_AUTHORISED:
    'Allow sqs:SendMessage, sqs:GetQueueUrl and sqs:GetQueueAttributes on the queue, and with a KMS key kms:GenerateDataKey and kms:Decrypt.',
  DESTINATION_MISSING: 'Create it, or correct name, region or account; the bridge creates none.',
  DESTINATION_UNWRITABLE: 'Check the endpoint, and the queue’s encryption key and policy.',
};

function hinted(code: ErrorCode): ErrorDetails {
  const hint = hints[code];
  return hint === undefined ? {} : { hint };
}

/** What is wrong with signatures tells too much: the answer repeats the request, with its token. */
const quiet: ReadonlySet<ErrorCode> = new Set(['BROKER_AUTH_REFUSED', 'BROKER_CREDENTIALS_EXPIRED']);

function answered({ name, message, headers }: Thrown, status: number, what: string): Failure {
  const code = codeOfName(name) ?? codeOfStatus(status);
  const said = quiet.has(code) || message === '' ? '' : `: ${excerpt(message)}`;
  const wait = code === 'BROKER_UNAVAILABLE' ? retryAfterMs(headers, new Date()) : undefined;
  const error = new BridgeError(code, `${what}: SQS answers ${status} ${plainName(name)}${said}`, {
    ...hinted(code),
    ...(wait !== undefined && { retryAfterMs: wait }),
  });
  // 503 stands for "not now"; the others may come of a request that was taken in before something broke.
  const inDoubt = status < 400 || (status >= 500 && status !== 503);
  return { status: inDoubt ? 'unknown' : 'refused', error };
}

/** A signature holds for some minutes. The next request bears the right time. */
export function wrongTime(what: string, offMs: number): Failure {
  const seconds = Math.round(Math.abs(offMs) / 1_000);
  const message = `${what}: the clock here was taken to be right, and is ${seconds} s ${offMs > 0 ? 'slow' : 'fast'}`;
  const hint = 'The next attempt goes by the time of SQS. Set the clock of this machine all the same.';
  return { status: 'refused', error: new BridgeError('BROKER_UNAVAILABLE', message, { hint }) };
}

const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/;

/**
 * Total. `what` was to be done, as in `send to orders`. `loggedIn`: there were credentials before, so that their being
 * away now passes.
 */
export function classifyRejection(thrown: unknown, what: string, loggedIn: boolean): Failure {
  const error = read(thrown);
  const { name, status, code, syscall } = error;
  // Of an answer that says yes, only the rest did not come: what it was about is in doubt.
  if (status !== undefined && status >= 300) return answered(error, status, what);
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    const known = loggedIn ? 'BROKER_CREDENTIALS_EXPIRED' : 'BROKER_AUTH_REFUSED';
    return { status: 'refused', error: new BridgeError(known, `${what}: there are no AWS credentials`, hinted(known)) };
  }
  if (tlsCode.test(code)) {
    const refused = new BridgeError('BROKER_TLS_REFUSED', `${what}: no TLS connection (${code})`, {
      hint: 'Check the endpoint. What this machine trusts besides the usual authorities is in NODE_EXTRA_CA_CERTS.',
    });
    return { status: 'refused', error: refused };
  }
  const reason = code || name || 'no reason given';
  const unreachable = new BridgeError(
    'BROKER_UNREACHABLE',
    `${what}: no connection to SQS, or it broke off (${status === undefined ? reason : 'in the midst of an answer'})`,
  );
  return { status: syscall === 'connect' || syscall === 'getaddrinfo' ? 'refused' : 'unknown', error: unreachable };
}

/** What became of one message of a request that was answered. SenderFault decides, unless the name says that it is the queue's. */
export function classifyEntry({ Code = '', SenderFault, Message = '' }: BatchResultErrorEntry): Failure {
  const named = codeOfName(Code);
  const code = named ?? (SenderFault ? 'EVENT_REFUSED' : 'BROKER_UNAVAILABLE');
  const said = Message === '' ? '' : `: ${excerpt(Message)}`;
  const error = new BridgeError(
    code,
    `SQS refuses it with ${plainName(Code) || 'no reason given'}${said}`,
    hinted(code),
  );
  return { status: 'refused', error };
}
