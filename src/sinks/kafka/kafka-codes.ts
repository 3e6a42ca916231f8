import type { ErrorCode } from '../../core/errors.ts';

/** What the error names of Kafka's protocol mean to us. Everything else that a broker answers is BROKER_UNAVAILABLE: tried again. */
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
  // Of an id that was not used for days: the broker has forgotten the producer.
  INVALID_PRODUCER_ID_MAPPING: 'PRODUCER_FENCED',
  INVALID_TRANSACTION_TIMEOUT: 'TRANSACTION_TIME_REFUSED',
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
  'TRANSACTION_TIME_REFUSED',
  'DESTINATION_MISSING',
  'EVENT_TOO_LARGE',
  'EVENT_REFUSED',
  'BROKER_UNAVAILABLE',
  'BROKER_UNREACHABLE',
  'BROKER_TIMEOUT',
];

/** One error of a client library, in our words. */
export interface Finding {
  readonly code: ErrorCode;
  readonly text: string;
  readonly hint?: string | undefined;
}

/** `name` is that of Kafka's protocol, such as NOT_LEADER_OR_FOLLOWER. */
export function codeOf(name: string): ErrorCode {
  return byKafkaCode[name] ?? 'BROKER_UNAVAILABLE';
}

/** The finding that says most; undefined when there is none of a known code. */
export function mostSignificant(findings: Iterable<Finding>): Finding | undefined {
  let best: Finding | undefined;
  let rank = bySignificance.length;
  for (const found of findings) {
    const at = bySignificance.indexOf(found.code);
    if (at === -1 || at >= rank) continue;
    best = found;
    rank = at;
  }
  return best;
}
