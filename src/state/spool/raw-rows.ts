import type { RawPages } from './raw-pages.ts';
import { localBytes } from './row.ts';
import { pageSize } from './schema.ts';

/** A row of some table: its key, and its columns as they were stored. */
export interface RawRow {
  readonly rowid: number;
  readonly columns: readonly (number | string | Uint8Array | null)[];
}

type Column = RawRow['columns'][number];

const leafOfTable = 0x0d;
const headerOfFile = 100;
/** Of one row: no record is larger. */
const mostPayload = 256 * 1024 ** 2;

interface Varint {
  readonly value: number;
  readonly end: number;
}

/** SQLite's variable-length integer. What is too large for us is not a row of ours. */
function varint(bytes: Buffer, start: number): Varint | undefined {
  let value = 0;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return undefined;
    value = index === 8 ? value * 256 + byte : value * 128 + (byte & 0x7f);
    if (byte < 0x80 || index === 8) {
      return Number.isSafeInteger(value) ? { value, end: start + index + 1 } : undefined;
    }
  }
  return undefined;
}

const widths = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function column(bytes: Buffer, start: number, type: number): Column | undefined {
  if (type >= 12) {
    const content = bytes.subarray(start, start + Math.floor((type - 12) / 2));
    return type % 2 === 0 ? content : content.toString('utf8');
  }
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type === 6) return Number(bytes.readBigInt64BE(start));
  return type <= 5 ? bytes.readIntBE(start, widths[type] ?? 0) : undefined;
}

function columnsOf(payload: Buffer): readonly Column[] | undefined {
  const header = varint(payload, 0);
  if (header === undefined || header.value > payload.length) return undefined;
  const columns: Column[] = [];
  let content = header.value;
  for (let at = header.end; at < header.value; ) {
    const type = varint(payload, at);
    if (type === undefined) return undefined;
    const width = type.value >= 12 ? Math.floor((type.value - 12) / 2) : (widths[type.value] ?? 0);
    if (content + width > payload.length) return undefined;
    const value = column(payload, content, type.value);
    if (value === undefined) return undefined;
    columns.push(value);
    content += width;
    at = type.end;
  }
  return columns;
}

/** The whole payload of a cell; `choose` picks among versions of an overflow page. */
function payloadOf(pages: RawPages, page: Buffer, start: number, length: number, oldest: boolean): Buffer | undefined {
  const local = localBytes(length);
  if (start + local + (local < length ? 4 : 0) > page.length) return undefined;
  const parts = [page.subarray(start, start + local)];
  let next = local < length ? page.readUInt32BE(start + local) : 0;
  for (let missing = length - local; missing > 0; missing -= pageSize - 4) {
    const overflow = pages.versions(next).at(oldest ? -1 : 0);
    if (overflow === undefined) return undefined;
    parts.push(overflow.subarray(4, 4 + Math.min(missing, pageSize - 4)));
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

/**
 * What looks like a row in what looks like a leaf of a table, with `width` columns: from pages in use, from free ones,
 * from damaged ones. Whether it is one of ours, and whole, is for its CRC to say. Gives both readings of a row whose
 * overflow pages have two versions. Undefined after each page.
 */
export function* rawRows(pages: RawPages, widthsWanted: readonly number[]): Generator<RawRow | undefined> {
  for (const page of pages.all()) {
    for (const base of page[0] === leafOfTable ? [0] : page[headerOfFile] === leafOfTable ? [headerOfFile] : []) {
      const cells = Math.min(page.readUInt16BE(base + 3), (pageSize - base - 8) / 4);
      for (let cell = 0; cell < cells; cell += 1) {
        yield* cellRows(pages, page, page.readUInt16BE(base + 8 + cell * 2), widthsWanted);
      }
    }
    yield undefined;
  }
}

function* cellRows(pages: RawPages, page: Buffer, start: number, widthsWanted: readonly number[]): Generator<RawRow> {
  const length = varint(page, start);
  const rowid = length && varint(page, length.end);
  if (length === undefined || rowid === undefined || length.value > mostPayload) return;
  const spills = localBytes(length.value) < length.value;
  for (const oldest of spills ? [false, true] : [false]) {
    const payload = payloadOf(pages, page, rowid.end, length.value, oldest);
    const columns = payload && columnsOf(payload);
    if (columns && widthsWanted.includes(columns.length)) yield { rowid: rowid.value, columns };
  }
}
