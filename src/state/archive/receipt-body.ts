import { crc32 } from 'node:zlib';
import type { EventReceipt } from '../../core/archive.ts';
import type { Receipt } from '../../core/sink.ts';

/** id, correlation id or null, place of the destination in the list, receipt. */
type Line = readonly [string, string | null, number, Receipt];

/** Where it is one of several, with the name that the configuration has for it. */
type Named = string | readonly [string, string];

interface Body {
  readonly destinations: readonly Named[];
  readonly events: readonly Line[];
}

/** The events of a batch as one text: cheap to make, and to hand to another thread. */
export function encodeReceipts(events: readonly EventReceipt[]): string {
  const destinations: Named[] = [];
  const lines = events.map(({ id, correlationId, destination, to, receipt }): Line => {
    let place = destinations.findIndex((known) =>
      typeof known === 'string'
        ? to === undefined && known === destination
        : known[0] === destination && known[1] === to,
    );
    if (place < 0) place = destinations.push(to === undefined ? destination : [destination, to]) - 1;
    return [id, correlationId ?? null, place, receipt];
  });
  return JSON.stringify({ destinations, events: lines } satisfies Body);
}

export function decodeReceipts(text: string): readonly EventReceipt[] {
  const { destinations, events } = JSON.parse(text) as Body;
  return events.map(([id, correlationId, place, receipt]) => {
    const named = destinations[place] ?? '';
    const [destination, to] = typeof named === 'string' ? [named] : named;
    return {
      id,
      ...(correlationId !== null && { correlationId }),
      destination,
      ...(to !== undefined && { to }),
      receipt,
    };
  });
}

/** CRC-32 of all that its events can be found by. */
export function hashNames(events: readonly EventReceipt[]): Uint32Array {
  const hashes = new Set<number>();
  for (const { id, correlationId } of events) {
    hashes.add(crc32(id));
    if (correlationId !== undefined) hashes.add(crc32(correlationId));
  }
  return Uint32Array.from(hashes);
}
