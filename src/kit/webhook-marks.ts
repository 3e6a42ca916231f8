import type { Headers } from '../core/record.ts';
import type { ReceivedRequest } from '../core/webhook.ts';

/*
 * A record has headers, and nothing else of its request. What normalise has to know besides them is put among them under
 * names that no header can have.
 */

const method = ':method';
const queryPrefix = ':query:';
const element = ':element';

/** What of a request becomes part of its records. Names of headers are in lower case. */
export interface KeptMarks {
  readonly headers?: readonly string[];
  /** Further headers, by their names. */
  readonly also?: (name: string) => boolean;
  readonly query?: readonly string[];
  readonly method?: boolean;
}

/** Where a record stands in its body, where that is an array. */
export interface Place {
  readonly index: number;
  readonly of: number;
}

function queryOf({ target }: ReceivedRequest): URLSearchParams {
  const at = target.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : target.slice(at + 1));
}

export function keptMarks(request: ReceivedRequest, kept: KeptMarks, place?: Place): Headers {
  const marks: Record<string, string> = {};
  for (const name of kept.headers ?? []) {
    const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
    if (value !== undefined) marks[name] = value;
  }
  if (kept.also) {
    for (const [name, value] of Object.entries(request.headers)) if (kept.also(name)) marks[name] = value;
  }
  if (kept.query && kept.query.length > 0) {
    const query = queryOf(request);
    for (const name of kept.query) {
      const value = query.get(name);
      if (value !== null) marks[queryPrefix + name] = value;
    }
  }
  if (kept.method) marks[method] = request.method;
  if (place) marks[element] = `${place.index}/${place.of}`;
  return marks;
}

export interface Marks {
  readonly headers: Headers;
  readonly query: Headers;
  readonly method: string | undefined;
  /** Undefined: the body is no array. */
  readonly place: Place | undefined;
}

/** What `keptMarks` has put among the headers of a record. */
export function readMarks(kept: Headers): Marks {
  const headers: Record<string, string> = {};
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(kept)) {
    if (name.startsWith(queryPrefix)) query[name.slice(queryPrefix.length)] = value;
    else if (!name.startsWith(':')) headers[name] = value;
  }
  const [index, of] = kept[element]?.split('/') ?? [];
  const place = index === undefined || of === undefined ? undefined : { index: Number(index), of: Number(of) };
  return { headers, query, method: kept[method], place };
}
