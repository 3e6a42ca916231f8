import { crc32 } from 'node:zlib';
import type { EventReceipt } from '../../core/archive.ts';
import type { Receipt } from '../../core/sink.ts';

/** id, correlation id or null, place of the destination in the list, receipt. */
type Line = readonly [string, string | null, number, Receipt];

/** Destination, the configuration's name for it or null, source. Only the first of them: written by an older version. */
type Kind = string | readonly [string, string | null, string | null];

interface Body {
  readonly destinations: readonly Kind[];
  readonly events: readonly Line[];
}

/** The events of a batch as one text: cheap to make, and to hand to another thread. What most have in common stands there once. */
export function encodeReceipts(events: readonly EventReceipt[]): string {
  const kinds: Exclude<Kind, string>[] = [];
  let last: EventReceipt | undefined;
  let place = 0;
  const lines = events.map((event): Line => {
    const { id, source = null, correlationId = null, destination, to = null, receipt } = event;
    // Most often all are of one kind.
    if (last?.destination !== event.destination || last.to !== event.to || last.source !== event.source) {
      place = kinds.findIndex(([place, name, from]) => place === destination && name === to && from === source);
      if (place < 0) place = kinds.push([destination, to, source]) - 1;
    }
    last = event;
    return [id, correlationId, place, receipt];
  });
  return JSON.stringify({ destinations: kinds, events: lines } satisfies Body);
}

export function decodeReceipts(text: string): readonly EventReceipt[] {
  const { destinations, events } = JSON.parse(text) as Body;
  return events.map(([id, correlationId, place, receipt]) => {
    const kind = destinations[place] ?? '';
    const [destination, to, source] = typeof kind === 'string' ? [kind, null, null] : kind;
    return {
      id,
      ...(source !== null && { source }),
      ...(correlationId !== null && { correlationId }),
      destination,
      ...(to !== null && { to }),
      receipt,
    };
  });
}

/** CRC-32 of all that the events in such a text can be found by. */
export function hashNames(text: string): Uint32Array {
  const hashes = new Set<number>();
  for (const [id, correlationId] of (JSON.parse(text) as Body).events) {
    hashes.add(crc32(id));
    if (correlationId !== null) hashes.add(crc32(correlationId));
  }
  return Uint32Array.from(hashes);
}
