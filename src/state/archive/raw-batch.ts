import type { RawBatch } from '../../core/archive.ts';
import type { FeedName } from '../../core/batch.ts';
import type { Headers, RawRecord } from '../../core/record.ts';

/** A batch on its way to the file: what is not bytes as one text, all bytes one behind the other. */
export interface NewRaw {
  readonly feed: FeedName;
  readonly batchId: string;
  readonly fetchedAt: number;
  /** As of RawBatch; 0 where it is whole. */
  readonly offset: number;
  readonly head: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Length in bytes, media type, headers and when it was received; what is 0 is as of the record before. */
type Line = readonly [number] | readonly [number, string, Headers, number];

/** Records of a page share all but their bytes: that is written once. */
export function encodeRaw({ feed, batchId, fetchedAt, offset = 0, records }: RawBatch): NewRaw {
  let size = 0;
  for (const { bytes } of records) size += bytes.length;
  const bytes = Buffer.allocUnsafeSlow(size);
  let end = 0;
  let last: RawRecord | undefined;
  const lines = records.map((record): Line => {
    bytes.set(record.bytes, end);
    end += record.bytes.length;
    const { mediaType, headers, receivedAt } = record;
    const isAlike =
      last?.headers === headers && last.mediaType === mediaType && last.receivedAt.getTime() === receivedAt.getTime();
    last = record;
    return isAlike ? [record.bytes.length] : [record.bytes.length, mediaType, headers, receivedAt.getTime()];
  });
  return { feed, batchId, fetchedAt: fetchedAt.getTime(), offset, head: JSON.stringify(lines), bytes };
}

export function decodeRaw({ feed, batchId, fetchedAt, offset, head, bytes }: NewRaw): RawBatch {
  let end = 0;
  let [mediaType, headers, receivedAt]: readonly [string, Headers, Date] = ['', {}, new Date(0)];
  const records = (JSON.parse(head) as readonly Line[]).map(([length, ...more]): RawRecord => {
    if (more.length > 0) [mediaType, headers, receivedAt] = [more[0] ?? '', more[1] ?? {}, new Date(more[2] ?? 0)];
    end += length;
    return { bytes: bytes.subarray(end - length, end), mediaType, headers, receivedAt };
  });
  return { feed, batchId, fetchedAt: new Date(fetchedAt), ...(offset > 0 && { offset }), records };
}
