import { BridgeError } from '../../core/errors.ts';
import type { Headers } from '../../core/record.ts';
import { traceparentOf } from '../server/request-marks.ts';

/** What the caller knows its request by. */
export interface Correlation {
  readonly correlationId: string;
  readonly callerReference: string | undefined;
}

const usable = /^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/;

function given(headers: Headers, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (value === undefined || usable.test(value)) return value;
  throw new BridgeError('REQUEST_UNFIT', `not sent: ${name} is not 1 to 128 printable characters`);
}

/** Of the caller's `x-correlation-id`, else its trace, else the request's own id. Throws REQUEST_UNFIT. */
export function correlationOf(headers: Headers, id: string): Correlation {
  return {
    correlationId: given(headers, 'x-correlation-id') ?? traceparentOf(headers)?.split('-')[1] ?? id,
    callerReference: given(headers, 'x-caller-reference'),
  };
}
