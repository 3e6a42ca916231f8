import { createHash } from 'node:crypto';
import { type RawRecord, receivedMark, traceMark } from '../../core/record.ts';

/** They tell one delivery of the same thing from the next, and are no part of it. */
const marks = new Set([receivedMark, traceMark]);

function describe({ bytes, mediaType, headers }: RawRecord): string {
  const kept = Object.entries(headers).filter(([name]) => !marks.has(name));
  return JSON.stringify([bytes.length, mediaType, kept.toSorted(([one], [other]) => (one < other ? -1 : 1))]);
}

/** Equal for equal records, in their order, and for no others. */
export function sameness(records: readonly RawRecord[]): string {
  const hash = createHash('sha256');
  for (const record of records) hash.update(describe(record)).update(record.bytes);
  return hash.digest('base64');
}
