/** CloudEvents `type` from upstream's own spelling: lower-cased below the prefix, `:` becomes `.`, a space `-`. */
export function toEventType(prefix: string, upstreamType: string): string {
  return `${prefix}.${upstreamType.toLowerCase().replaceAll(':', '.').replaceAll(' ', '-')}`;
}
