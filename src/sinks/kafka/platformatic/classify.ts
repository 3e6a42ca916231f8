import { AuthenticationError, NetworkError, protocolErrorsCodesById, TimeoutError } from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import { classifyBy } from '../classify.ts';
import { codeOf, type Finding } from '../kafka-codes.ts';
import { tlsFailure } from '../tls-failure.ts';

function property(error: object, name: string): unknown {
  return Reflect.get(error, name);
}

/** By class and code, never by text. */
function look(error: Error): Finding | undefined {
  const kafkaCode = property(error, 'apiId');
  if (typeof kafkaCode === 'string') {
    const detail = property(error, 'serverErrorMessage');
    const text = typeof detail === 'string' && detail !== '' ? `${kafkaCode}: ${detail}` : kafkaCode;
    return { code: codeOf(kafkaCode), text };
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

/** Any error of the client, in our words. Total. `where` begins the message. */
export function classify(error: unknown, where: string): BridgeError {
  return classifyBy(look, error, where);
}

/** The broker's answer for one partition, by its number in the protocol. */
export function classifyAnswer(errorCode: number, detail: string | null, where: string): BridgeError {
  const kafkaCode = protocolErrorsCodesById[errorCode] ?? `error ${errorCode}`;
  const text = detail ? `${kafkaCode}: ${detail}` : kafkaCode;
  return new BridgeError(codeOf(kafkaCode), `${where}: ${text}`);
}
