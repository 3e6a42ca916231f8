import { BridgeError } from '../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import type { Headers } from '../core/record.ts';
import { requestParameter } from '../core/requests.ts';
import { follow, parsePointer } from './json-pointer.ts';
import { isJsonType, parseMediaType } from './media-type.ts';
import { duration, text } from './scalars.ts';
import { type KeptMarks, readMarks } from './webhook-marks.ts';

/** A timer of weeks is no timer, but a row in the state: any duration will do. */
export const stalledAfter = duration().prefault('24h');

export const pointerSetting = text().refine(
  (value) => value.startsWith('/') && parsePointer(value) !== undefined,
  'expected a JSON Pointer such as /callbackUrl',
);

/** What of a request has to be kept with its records, so that they find the request that they answer. */
export const requestMarksKept: KeptMarks = { query: [requestParameter] };

/** The bridge's own id of the request that a record answers. */
export function requestIdOf(headers: Headers): string | undefined {
  const id = readMarks(headers).query[requestParameter];
  return id !== undefined && /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}

const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

/** Numbers go on as they are spelled: a double would round some. */
const keepDigits = (_key: string, value: unknown, { source }: { readonly source?: string }): unknown =>
  typeof value === 'number' && source !== undefined ? rawJSON(source) : value;

function objectOf({ body, headers = {} }: HttpRequest): Record<string, unknown> {
  if (!isJsonType(parseMediaType(headers['content-type'] ?? 'application/json')?.essence ?? '')) {
    throw new BridgeError('REQUEST_UNFIT', 'not sent: the body is not JSON, so nothing can be put into it');
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const value: unknown = JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below: the engine's own words quote the body.
  }
  throw new BridgeError('REQUEST_UNFIT', 'not sent: the body is not a JSON object');
}

function put(root: Record<string, unknown>, pointer: string, value: unknown): void {
  const steps = parsePointer(pointer) ?? [];
  let at = root;
  steps.forEach((step, index) => {
    const isLast = index === steps.length - 1;
    const own = Object.hasOwn(at, step) ? at[step] : undefined;
    const next = isLast ? value : (own ?? {});
    if (!isLast && (typeof next !== 'object' || next === null)) {
      throw new BridgeError('REQUEST_UNFIT', `not sent: the body has something else on the way to ${pointer}`);
    }
    // `__proto__` is a name like any other.
    Object.defineProperty(at, step, { value: next, writable: true, enumerable: true, configurable: true });
    at = next as Record<string, unknown>;
  });
}

/**
 * The request with these values in its JSON body, each at its pointer; what stands there is replaced. Throws
 * REQUEST_UNFIT.
 */
export function withValues(request: HttpRequest, values: Readonly<Record<string, unknown>>): HttpRequest {
  const root = objectOf(request);
  for (const [pointer, value] of Object.entries(values)) put(root, pointer, value);
  const headers = { 'content-type': 'application/json', ...request.headers };
  return { ...request, headers, body: Buffer.from(JSON.stringify(root)) };
}

/** A text or number in the JSON of an answer; undefined where there is none. */
export function readAnswer({ body }: HttpResponse, pointer: string): string | undefined {
  try {
    const value = follow(JSON.parse(Buffer.from(body).toString()), parsePointer(pointer) ?? []);
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch {
    return undefined;
  }
}
