import { BridgeError } from '../../core/errors.ts';
import { excerpt } from '../../kit/excerpt.ts';

/** Where a request wants to go. `path`: below the base URL, with its query, without a leading slash. */
export interface RequestTarget {
  readonly pipeline: string;
  readonly path: string;
}

const shape = /^\/requests\/([a-z0-9][a-z0-9-]{0,62})(?:\/([^?]*))?(\?.*)?$/;

/** What servers are known to take for a slash, a dot or an end, now or when they decode a second time. */
const unsafe: readonly RegExp[] = [
  /[^\x21-\x7e]|[\\#]/,
  /^\/|\/\//,
  /^[a-z][a-z\d+.-]*:/i,
  // A dot segment, also one with parameters: `..;x` is one to some.
  /(?:^|\/)(?:\.|%2e){1,2}(?:$|[/;])/i,
  // Slashes, percent signs and control characters that are hidden.
  /%(?:2f|5c|25|3b|[01][0-9a-f]|7f|c0|c1)/i,
  /%(?![0-9a-f]{2})/i,
];

/** In a query nothing leads anywhere, but a line must not end in it. */
const unsafeQuery = /[^\x21-\x7e]|#|%(?:0[0ad])/i;

/**
 * Takes the target of a request apart, as it was sent. Stricter than `targetBelow`, because strangers choose these paths.
 * Undefined: it is not below `/requests/`. Throws REQUEST_PATH_REFUSED.
 */
export function readTarget(sent: string): RequestTarget | undefined {
  const [, pipeline, path = '', query = ''] = shape.exec(sent) ?? [];
  if (pipeline === undefined) return undefined;
  if (unsafe.some((pattern) => pattern.test(path)) || unsafeQuery.test(query)) {
    throw new BridgeError('REQUEST_PATH_REFUSED', `not sent: "${excerpt(path + query)}" is not a plain path`, {
      hint: 'Plain segments between single slashes; no ".", "..", encoded slash or control character.',
    });
  }
  return { pipeline, path: path + query };
}
