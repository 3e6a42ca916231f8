import { BridgeError } from '../core/errors.ts';
import { excerpt } from '../kit/excerpt.ts';

/** Where an endpoint's requests go: everything is below `origin` + `prefix`. */
export interface Base {
  readonly origin: string;
  /** Path of the base URL without its trailing slash; "" for the root. */
  readonly prefix: string;
}

/** User info, query and fragment of the base URL are left out: no setting means them. */
export function parseBase(baseUrl: string): Base {
  const { origin, pathname } = new URL(baseUrl);
  return { origin, prefix: pathname.replace(/\/+$/, '') };
}

/** Outside the printable ASCII characters, or read by some server as a slash or as the end of the path. */
const unsafeCharacter = /[^\x21-\x7e]|[\\#]/;
const absolute = /^(?:\/|[a-z][a-z\d+.-]*:)/i;
/** `.` or `..` as a whole segment, however dots and slashes are spelled. */
const dotSegment = /(?:^|\/|%2f|%5c)(?:\.|%2e){1,2}(?:$|\/|%2f|%5c)/i;

/** The request target for `path` below the base. Throws UPSTREAM_REFUSED for a path that could lead out of it. */
export function targetBelow(base: Base, path: string): string {
  const query = path.indexOf('?');
  const segments = query === -1 ? path : path.slice(0, query);
  if (unsafeCharacter.test(path) || absolute.test(segments) || dotSegment.test(segments)) {
    throw new BridgeError(
      'UPSTREAM_REFUSED',
      `not sent: "${excerpt(path)}" is not a path below ${base.origin}${base.prefix}/`,
      { hint: 'Paths are relative to baseUrl, with no leading slash, no ".." and no scheme.' },
    );
  }
  if (segments === '') return `${base.prefix === '' ? '/' : base.prefix}${path}`;
  return `${base.prefix}/${path}`;
}
