import { BridgeError, type ErrorCode } from '../../core/errors.ts';
import { addressOf, type Host, vhostOf } from './url.ts';

/** Reply codes of AMQP. */
export const reply = { refused: 403, notFound: 404, locked: 405, preconditionFailed: 406 } as const;
export type ReplyCode = (typeof reply)[keyof typeof reply];

/** Such as ECONNREFUSED. What Node and OpenSSL say of TLS has other codes, as ERR_TLS_… or CERT_…. */
const isSystemCode = /^E(?!RR_)[A-Z0-9_]+$/;

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/**
 * Why a host did not let us in. The broker's refusals during the handshake have a number, but the client library passes
 * it on in words of its own only.
 */
export function connectFailure(error: unknown, host: Host, brokerName: string): BridgeError {
  const at = `${brokerName} (${addressOf(host)})`;
  const code = codeOf(error);
  const words = error instanceof Error ? error.message : '';
  if (words.startsWith(`Handshake terminated by server: ${reply.refused} `)) {
    return new BridgeError('BROKER_AUTH_REFUSED', `${at} does not accept username and password, or the certificate`);
  }
  if (words.startsWith('Expected ConnectionOpenOk; got <ConnectionClose ')) {
    const vhost = vhostOf(host);
    return new BridgeError('BROKER_NOT_AUTHORISED', `${at} does not let the account into the virtual host ${vhost}`, {
      hint: 'It does not exist, the account has no permissions in it, or it has no room for connections: `rabbitmqctl list_permissions` shows them.',
    });
  }
  if (host.protocol === 'amqps' && typeof code === 'string' && !isSystemCode.test(code)) {
    return new BridgeError('BROKER_TLS_REFUSED', `${at}: no agreement on TLS (${code})`, {
      hint: 'Check tls.ca, the names and dates in the certificate of the broker, and tls.cert with tls.key.',
    });
  }
  const reason = typeof code === 'string' ? code : 'it broke off during the handshake';
  return new BridgeError('BROKER_UNREACHABLE', `no connection to ${at}: ${reason}`, { cause: error });
}

/** What to do when the account may not write. */
export const grantWrite =
  'Grant it `write` on the exchange (`rabbitmqctl set_permissions`); where it has topic permissions, on the routing key too.';

const ofRefusals = new Map<unknown, readonly [ErrorCode, string, string?]>([
  [reply.refused, ['BROKER_NOT_AUTHORISED', 'does not let the account write', grantWrite]],
  [reply.notFound, ['DESTINATION_MISSING', 'has no such exchange']],
  [reply.preconditionFailed, ['EVENT_TOO_LARGE', 'refuses the message: it is larger than max_message_size']],
]);

/**
 * Why the broker closed a channel in answer to one of the messages sent over it; undefined where no message is to blame.
 * The answer does not say which one it was.
 */
export function messageRefusal(error: unknown, brokerName: string): BridgeError | undefined {
  const known = ofRefusals.get(codeOf(error));
  if (!known) return undefined;
  const [code, words, hint] = known;
  return new BridgeError(code, `${brokerName} ${words}`, { cause: error, ...(hint !== undefined && { hint }) });
}

export function missingExchange(exchange: string, host: Host, brokerName: string, cause: unknown): BridgeError {
  return new BridgeError('DESTINATION_MISSING', `${brokerName} has no exchange ${exchange} in ${vhostOf(host)}`, {
    cause,
  });
}

export function missingQueue(queue: string, host: Host, brokerName: string, cause: unknown): BridgeError {
  return new BridgeError('DESTINATION_MISSING', `${brokerName} has no queue ${queue} in ${vhostOf(host)}`, { cause });
}

/** What the broker refused a request with; undefined where it was not that request. */
export function replyCode(error: unknown): ReplyCode | undefined {
  const code = codeOf(error);
  return Object.values(reply).find((known) => known === code);
}
