import { crc32 } from 'node:zlib';
import type { FeedName } from '../../core/batch.ts';
import { pageSize } from './schema.ts';

/** A record as it is stored. */
export interface RecordRow {
  readonly sequence: number;
  readonly feed: FeedName;
  /** When it was accepted, milliseconds since the epoch. */
  readonly at: number;
  /** What it counts as: its share of the pages of the file. */
  readonly size: number;
  readonly crc: number;
  /** All but its bytes, as JSON: see message.ts. */
  readonly head: string;
  /** What it is recognised by: see identity.ts. Empty where it has none. */
  readonly key: Uint8Array;
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Over everything in the row: also which feed it is of, and its place there. */
export function crcOf({ sequence, feed, at, size, head, key, id, bytes }: Omit<RecordRow, 'crc'>): number {
  const text = crc32(`${feed}\n${sequence}\n${at}\n${size}\n${key.length} ${id.length}\n${head}`);
  return crc32(bytes, crc32(id, crc32(key, text)));
}

/** Whether what was read from a file is a row as it was written. Its columns may be of any type. */
export function isWhole(row: { readonly [column in keyof RecordRow]: unknown }): row is RecordRow {
  const { feed, head, key, id, bytes } = row;
  if (typeof feed !== 'string' || typeof head !== 'string') return false;
  if (!(key instanceof Uint8Array && id instanceof Uint8Array && bytes instanceof Uint8Array)) return false;
  return crcOf(row as RecordRow) === row.crc;
}

/** Bytes of a leaf page that cells can have, and of a cell that stay in it (SQLite's file format, section 1.6). */
const cellArea = pageSize - 8;
export const mostLocal = pageSize - 35;
const leastLocal = Math.floor(((pageSize - 12) * 32) / 255) - 23;
const overflowArea = pageSize - 4;
/** Of a cell and its record header, about. */
const cellOverhead = 32;

/** How many bytes of a payload are in its leaf page; the others are in a chain of pages of their own. */
export function localBytes(payload: number): number {
  if (payload <= mostLocal) return payload;
  const wanted = leastLocal + ((payload - leastLocal) % overflowArea);
  return wanted <= mostLocal ? wanted : leastLocal;
}

/** The share of the file's pages that a row with so many bytes of content takes, where its neighbours are alike. */
export function shareOf(content: number): number {
  const payload = content + cellOverhead;
  const local = localBytes(payload);
  const leaf = Math.ceil(pageSize / Math.max(1, Math.floor(cellArea / (local + 4))));
  return leaf + Math.ceil((payload - local) / overflowArea) * pageSize;
}
