import type { IncomingHttpHeaders } from 'node:http';
import type { Headers } from '../../core/record.ts';

/** Names are in lower case already; what was sent more than once is joined with ", ". */
export function flatHeaders(headers: IncomingHttpHeaders): Headers {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}
