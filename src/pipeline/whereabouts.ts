import type { Settlement } from './publisher.ts';

interface Range {
  readonly first: number;
  last: number;
}

/**
 * Where the events of a batch are, for people: `fenergo.journey/0 @ 881-890`; with a name where the destination is one
 * of several: `kafka: fenergo.journey/0 @ 881-890`. Empty when none was confirmed.
 */
export function whereabouts(settlements: readonly Settlement[], name?: string): string {
  const places = new Map<string, Range[]>();
  for (const settlement of settlements) {
    if (settlement.status !== 'confirmed') continue;
    const { destination, receipt } = settlement;
    const place = 'partition' in receipt ? `${destination}/${receipt['partition']}` : destination;
    const ranges = places.get(place) ?? [];
    places.set(place, ranges);
    const offset = receipt['offset'];
    if (offset === undefined) continue;
    const at = Number(offset);
    const range = ranges.at(-1);
    if (range && at === range.last + 1) range.last = at;
    else ranges.push({ first: at, last: at });
  }
  const text = [...places]
    .map(([place, ranges]) => (ranges.length > 0 ? `${place} @ ${format(ranges)}` : place))
    .join('; ');
  return name === undefined || text === '' ? text : `${name}: ${text}`;
}

function format(ranges: readonly Range[]): string {
  const shown = ranges
    .slice(0, 5)
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(', ');
  return ranges.length > 5 ? `${shown}, …` : shown;
}
