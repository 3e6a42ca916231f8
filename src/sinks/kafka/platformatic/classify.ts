import { AuthenticationError, NetworkError, protocolErrorsCodesById, TimeoutError } from '@platformatic/kafka';
import { BridgeError, type ErrorCode } from '../../../core/errors.ts';
import { tlsFailure } from '../tls-failure.ts';

/** Everything else that a broker answers is BROKER_UNAVAILABLE: tried again. */
const byKafkaCode: Readonly<Record<string, ErrorCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'DESTINATION_MISSING',
  UNKNOWN_TOPIC_ID: 'DESTINATION_MISSING',
  INVALID_TOPIC_EXCEPTION: 'DESTINATION_MISSING',
  TOPIC_AUTHORIZATION_FAILED: 'BROKER_NOT_AUTHORISED',
  CLUSTER_AUTHORIZATION_FAILED: 'BROKER_NOT_AUTHORISED',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'BROKER_NOT_AUTHORISED',
  SASL_AUTHENTICATION_FAILED: 'BROKER_AUTH_REFUSED',
  UNSUPPORTED_SASL_MECHANISM: 'BROKER_AUTH_REFUSED',
  ILLEGAL_SASL_STATE: 'BROKER_AUTH_REFUSED',
  INVALID_PRODUCER_EPOCH: 'PRODUCER_FENCED',
  PRODUCER_FENCED: 'PRODUCER_FENCED',
  TRANSACTION_COORDINATOR_FENCED: 'PRODUCER_FENCED',
  MESSAGE_TOO_LARGE: 'EVENT_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'EVENT_TOO_LARGE',
  INVALID_RECORD: 'EVENT_REFUSED',
  INVALID_TIMESTAMP: 'EVENT_REFUSED',
  REQUEST_TIMED_OUT: 'BROKER_TIMEOUT',
};

/** Errors come nested, one for each attempt, broker and layer: the first of these that occurs says most. */
const bySignificance: readonly ErrorCode[] = [
  'TOKEN_UNAVAILABLE',
  'BROKER_AUTH_REFUSED',
  'BROKER_TLS_REFUSED',
  'BROKER_NOT_AUTHORISED',
  'PRODUCER_FENCED',
  'DESTINATION_MISSING',
  'EVENT_TOO_LARGE',
  'EVENT_REFUSED',
  'BROKER_UNAVAILABLE',
  'BROKER_UNREACHABLE',
  'BROKER_TIMEOUT',
];

interface Finding {
  readonly code: ErrorCode;
  readonly text: string;
  readonly hint?: string | undefined;
}

function property(error: object, name: string): unknown {
  return Reflect.get(error, name);
}

/** By class and code, never by text. */
function look(error: Error): Finding | undefined {
  if (error instanceof BridgeError) return { code: error.code, text: error.message, hint: error.hint };
  const kafkaCode = property(error, 'apiId');
  if (typeof kafkaCode === 'string') {
    const detail = property(error, 'serverErrorMessage');
    const text = typeof detail === 'string' && detail !== '' ? `${kafkaCode}: ${detail}` : kafkaCode;
    return { code: byKafkaCode[kafkaCode] ?? 'BROKER_UNAVAILABLE', text };
  }
  const text = error.message;
  // A connection that broke off during the handshake is wrapped in one too: then the cause says more.
  if (error instanceof AuthenticationError) return error.cause ? undefined : { code: 'BROKER_AUTH_REFUSED', text };
  if (error instanceof TimeoutError) return { code: 'BROKER_TIMEOUT', text };
  if (error instanceof NetworkError) {
    const cause = error.cause instanceof Error ? property(error.cause, 'code') : undefined;
    const tls = tlsFailure(cause);
    if (tls) return { code: 'BROKER_TLS_REFUSED', text: `${text} ${tls.words} (${cause})`, hint: tls.hint };
    return { code: 'BROKER_UNREACHABLE', text: typeof cause === 'string' ? `${text} (${cause})` : text };
  }
  return undefined;
}

/** All that is said in an error, in the nested ones and in the causes. `depth` ends what refers to itself. */
function* findings(error: unknown, depth = 16): Generator<Finding> {
  if (!(error instanceof Error) || depth === 0) return;
  const found = look(error);
  if (found) yield found;
  if (error instanceof AggregateError) for (const nested of error.errors) yield* findings(nested, depth - 1);
  yield* findings(error.cause, depth - 1);
}

/** Any error of the client, in our words. Total. `where` begins the message. */
export function classify(error: unknown, where: string): BridgeError {
  if (error instanceof BridgeError) return error;
  let best: Finding = { code: 'BROKER_UNAVAILABLE', text: error instanceof Error ? error.message : String(error) };
  let rank = bySignificance.length;
  for (const found of findings(error)) {
    const at = bySignificance.indexOf(found.code);
    if (at >= rank) continue;
    best = found;
    rank = at;
  }
  const { code, text, hint } = best;
  return new BridgeError(code, `${where}: ${text}`, { cause: error, ...(hint !== undefined && { hint }) });
}

/** The broker's answer for one partition, by its number in the protocol. */
export function classifyAnswer(errorCode: number, detail: string | null, where: string): BridgeError {
  const kafkaCode = protocolErrorsCodesById[errorCode] ?? `error ${errorCode}`;
  const text = detail ? `${kafkaCode}: ${detail}` : kafkaCode;
  return new BridgeError(byKafkaCode[kafkaCode] ?? 'BROKER_UNAVAILABLE', `${where}: ${text}`);
}
