import type { Headers } from '../../core/record.ts';

/** What says something about the content, or about the request itself. Nothing about connections, hosts or callers. */
const passed = [
  'accept',
  'accept-language',
  'content-language',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'prefer',
  'traceparent',
  'tracestate',
] as const;

const answered = ['content-type', 'content-language', 'etag', 'last-modified', 'retry-after'] as const;

const oneLine = /^[\t\x20-\x7e\x80-\xff]*$/;

function chosen(headers: Headers, names: readonly string[]): Headers {
  const hop = new Set((headers['connection'] ?? '').split(',').map((name) => name.trim().toLowerCase()));
  const kept = names.flatMap((name) => {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    return value === undefined || hop.has(name) || !oneLine.test(value) ? [] : [[name, value] as const];
  });
  return Object.fromEntries(kept);
}

/** Of the caller's headers those that go to the upstream. Its own are put over them by the client. */
export function passedHeaders(headers: Headers): Headers {
  return chosen(headers, passed);
}

/** Of the upstream's headers those that the caller gets. */
export function answeredHeaders(headers: Headers): Headers {
  return chosen(headers, answered);
}
