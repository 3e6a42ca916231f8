import { sha256Of } from '../../core/digest.ts';
import { type RawRecord, receivedMark, traceMark } from '../../core/record.ts';

/** They tell one delivery of the same thing from the next, and are no part of it. */
const marks = new Set([receivedMark, traceMark]);

function describe({ bytes, mediaType, headers }: RawRecord): string {
  const kept = Object.keys(headers)
    .filter((name) => !marks.has(name))
    .sort();
  return JSON.stringify([bytes.length, mediaType, kept.map((name) => [name, headers[name]])]);
}

/** Equal for equal records, in their order, and for no others. */
export function sameness(records: readonly RawRecord[]): string {
  return sha256Of(
    records.flatMap((record) => [Buffer.from(describe(record)), record.bytes]),
    'base64',
  );
}
