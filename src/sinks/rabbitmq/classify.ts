import { BridgeError, type ErrorCode } from '../../core/errors.ts';
import { addressOf, type Host, vhostOf } from './url.ts';

/** Reply codes of AMQP. */
const refused = 403;
const notFound = 404;
const preconditionFailed = 406;

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
  if (words.startsWith(`Handshake terminated by server: ${refused} `)) {
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

const ofRefusals = new Map<unknown, readonly [ErrorCode, string]>([
  [refused, ['BROKER_NOT_AUTHORISED', 'does not let the account write']],
  [notFound, ['DESTINATION_MISSING', 'has no such exchange']],
  [preconditionFailed, ['EVENT_TOO_LARGE', 'refuses the message: it is larger than max_message_size']],
]);

/**
 * Why the broker closed a channel in answer to one of the messages sent over it; undefined where no message is to blame.
 * The answer does not say which one it was.
 */
export function messageRefusal(error: unknown, brokerName: string): BridgeError | undefined {
  const known = ofRefusals.get(codeOf(error));
  return known && new BridgeError(known[0], `${brokerName} ${known[1]}`, { cause: error });
}

export function missingExchange(exchange: string, host: Host, brokerName: string): BridgeError {
  return new BridgeError('DESTINATION_MISSING', `${brokerName} has no exchange ${exchange} in ${vhostOf(host)}`);
}

/** Whether an exchange was asked for and is not there. */
export function isNotFound(error: unknown): boolean {
  return codeOf(error) === notFound;
}
