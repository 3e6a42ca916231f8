import kafkajs from 'kafkajs';
import type { BridgeError } from '../../../core/errors.ts';
import { classifyBy } from '../classify.ts';
import { codeOf, type Finding } from '../kafka-codes.ts';
import { tlsFailure } from '../tls-failure.ts';

const {
  KafkaJSConnectionError,
  KafkaJSProtocolError,
  KafkaJSRequestTimeoutError,
  KafkaJSSASLAuthenticationError,
  KafkaJSTimeout,
} = kafkajs;

/** By class and code, never by text. */
function look(error: Error): Finding | undefined {
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

/** Any error of the client, in our words. Total. `where` begins the message. */
export function classify(error: unknown, where: string): BridgeError {
  return classifyBy(look, error, where);
}
