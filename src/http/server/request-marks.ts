import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Headers } from '../../core/record.ts';

const usableId = /^[\x21-\x7e]{1,128}$/;

/** The sender's own, where it has one that can be repeated anywhere; else a new one. */
export function requestIdOf(headers: Headers | IncomingHttpHeaders): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && usableId.test(given) ? given : randomUUID();
}

/** Only versions to come may have more at the end. */
const traceparent = /^(?!ff|00.{53}.)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/** W3C Trace Context, where it is one: anything else is ignored, as the standard has it. */
export function traceparentOf(headers: Headers): string | undefined {
  const given = headers['traceparent'];
  return given !== undefined && given.length <= 256 && traceparent.test(given) ? given : undefined;
}
