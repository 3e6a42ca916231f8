import { AuthenticationError, NetworkError, protocolErrorsCodesById, TimeoutError } from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import { codeOf, type Finding, mostSignificant } from '../kafka-codes.ts';
import { tlsFailure } from '../tls-failure.ts';

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

/** All that is said in an error, in the nested ones and in the causes. `depth` ends what refers to itself. */
function* findings(error: unknown, depth = 16): Generator<Finding> {
  if (!(error instanceof Error) || depth === 0) return;
  const found = look(error);
  if (found) yield found;
  // What lies behind it is told by it already.
  if (error instanceof BridgeError) return;
  if (error instanceof AggregateError) for (const nested of error.errors) yield* findings(nested, depth - 1);
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

/** The broker's answer for one partition, by its number in the protocol. */
export function classifyAnswer(errorCode: number, detail: string | null, where: string): BridgeError {
  const kafkaCode = protocolErrorsCodesById[errorCode] ?? `error ${errorCode}`;
  const text = detail ? `${kafkaCode}: ${detail}` : kafkaCode;
  return new BridgeError(codeOf(kafkaCode), `${where}: ${text}`);
}
