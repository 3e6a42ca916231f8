import type { Headers } from '../../core/record.ts';
import type { SpoolEntry, SpooledRecord } from '../../core/spool.ts';
import type { PackedEntry, PackedRecord } from './messages.ts';

type Head = readonly [batchId: string, index: number, mediaType: string, headers: Headers, receivedAt: number];

function headOf({ batchId, index, record: { mediaType, headers, receivedAt } }: SpoolEntry): string {
  const head: Head = [batchId, index, mediaType, headers, receivedAt.getTime()];
  return JSON.stringify(head);
}

/** Entries as they go to the thread. The bytes of all are copied, once, into a buffer that goes with them. */
export function packEntries(entries: readonly SpoolEntry[]): {
  readonly packed: readonly PackedEntry[];
  readonly buffer: ArrayBuffer;
} {
  const buffer = new ArrayBuffer(entries.reduce((sum, { record }) => sum + record.bytes.length, 0));
  let place = 0;
  const packed = entries.map((entry) => {
    const bytes = new Uint8Array(buffer, place, entry.record.bytes.length);
    bytes.set(entry.record.bytes);
    place += bytes.length;
    return { head: headOf(entry), identity: entry.identity, bytes };
  });
  return { packed, buffer };
}

export function unpackRecord({ sequence, head, bytes }: PackedRecord): SpooledRecord {
  const [batchId, index, mediaType, headers, receivedAt] = JSON.parse(head) as Head;
  const record = { bytes, mediaType, headers, receivedAt: new Date(receivedAt) };
  return { sequence, entry: { record, batchId, index } };
}
