import kafkajs from 'kafkajs';
import { BridgeError } from '../../../core/errors.ts';
import { codeOf, type Finding, mostSignificant } from '../kafka-codes.ts';
import { tlsFailure } from '../tls-failure.ts';

const {
  KafkaJSAggregateError,
  KafkaJSConnectionError,
  KafkaJSProtocolError,
  KafkaJSRequestTimeoutError,
  KafkaJSSASLAuthenticationError,
  KafkaJSTimeout,
} = kafkajs;

/** By class and code, never by text. */
function look(error: Error): Finding | undefined {
  if (error instanceof BridgeError) return { code: error.code, text: error.message, hint: error.hint };
  const text = error.message;
  if (error instanceof KafkaJSProtocolError) return { code: codeOf(error.type), text: `${error.type}: ${text}` };
  if (error instanceof KafkaJSSASLAuthenticationError) return { code: 'BROKER_AUTH_REFUSED', text };
  if (error instanceof KafkaJSRequestTimeoutError) return { code: 'BROKER_TIMEOUT', text };
  if (error instanceof KafkaJSTimeout) return { code: 'BROKER_TIMEOUT', text };
  if (error instanceof KafkaJSConnectionError) {
    const tls = tlsFailure(Reflect.get(error, 'code'));
    if (!tls) return { code: 'BROKER_UNREACHABLE', text };
    return { code: 'BROKER_TLS_REFUSED', text: `${text} (${tls.words})`, hint: tls.hint };
  }
  return undefined;
}

/** All that is said in an error, in the nested ones and in the causes. `depth` ends what refers to itself. */
function* findings(error: unknown, depth = 16): Generator<Finding> {
  if (!(error instanceof Error) || depth === 0) return;
  const found = look(error);
  if (found) yield found;
  if (error instanceof KafkaJSAggregateError || error instanceof AggregateError) {
    for (const nested of error.errors) yield* findings(nested, depth - 1);
  }
  yield* findings(error.cause, depth - 1);
}

/** Any error of the client, in our words. Total. `where` begins the message. */
export function classify(error: unknown, where: string): BridgeError {
  if (error instanceof BridgeError) return error;
  const unclear = error instanceof Error ? error.message : String(error);
  const best: Finding = mostSignificant(findings(error)) ?? { code: 'BROKER_UNAVAILABLE', text: unclear };
  const { code, text, hint } = best;
  return new BridgeError(code, `${where}: ${text}`, { cause: error, ...(hint !== undefined && { hint }) });
}
