/**
 * The platform's tenant header. On a record it carries the tenantId of its batch, so that normalise, which sees one
 * record at a time, knows it.
 */
export const tenantHeader = 'x-tenant-id';

/** CloudEvents `source` of a feed. `owner` is the tenant or, where none is known, the host of the base URL. */
export function feedSource(owner: string, feed: string): string {
  // A colon may stand in a path as it is, and hosts have one before the port.
  return `/fenergo/${encodeURIComponent(owner).replaceAll('%3A', ':')}/${feed}`;
}
