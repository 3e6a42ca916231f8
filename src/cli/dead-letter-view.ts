import { isUtf8 } from 'node:buffer';
import type { DeadLetter } from '../core/dead-letter.ts';
import { moment, printable, shortened } from './table.ts';

/** Enough of an id to tell dead letters apart, and for `show`. */
export const idWidth = 12;
const reasonWidth = 80;

export function deadLetterRow(letter: DeadLetter): readonly string[] {
  const { id, status, feed, code, batchId, index, lastAt, reason } = letter;
  const batch = batchId === '' ? '-' : shortened(batchId, 40);
  return [
    id.slice(0, idWidth),
    status,
    feed,
    code,
    batch,
    String(index),
    moment(lastAt),
    shortened(reason, reasonWidth),
  ];
}

/** For programs: bytes in base64, times in ISO 8601. */
export function deadLetterJson({ record, envelope, ...letter }: DeadLetter): object {
  return {
    ...letter,
    record: { ...record, bytes: Buffer.from(record.bytes).toString('base64') },
    envelope: envelope === null ? null : JSON.parse(Buffer.from(envelope).toString()),
  };
}

function hexLines(bytes: Uint8Array): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const part = Buffer.from(bytes.subarray(at, at + 16));
    const hex = part.toString('hex').replaceAll(/(..)/g, '$1 ').padEnd(48);
    const text = part.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '.');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex} ${text}`);
  }
  return lines;
}

function bytesView(bytes: Uint8Array): readonly string[] {
  return isUtf8(bytes) ? printable(Buffer.from(bytes).toString()).split('\n') : hexLines(bytes);
}

/** For people: everything that is known, with the bytes as text where they are text, else as hex. */
export function deadLetterView(letter: DeadLetter): readonly string[] {
  const { record, envelope } = letter;
  const facts: readonly (readonly [string, string])[] = [
    ['id', letter.id],
    ['status', letter.status],
    ['feed', letter.feed],
    ['source', letter.source],
    ['code', letter.code],
    ['reason', letter.reason],
    ['stage', letter.stage],
    ['attempts', String(letter.attempts)],
    ['batch', letter.batchId === '' ? '-' : letter.batchId],
    ['index', String(letter.index)],
    ['first', letter.firstAt.toISOString()],
    ['last', letter.lastAt.toISOString()],
    ['received', record.receivedAt.toISOString()],
    ...(letter.partitionKey === undefined ? [] : [['key', letter.partitionKey] as const]),
    ...(letter.others === undefined
      ? []
      : [['others', `${letter.others.join(', ')} (of this record, not refused)`] as const]),
    ...(letter.closedAt === undefined ? [] : [['closed', letter.closedAt.toISOString()] as const]),
    ...(letter.closedReason === undefined ? [] : [['because', letter.closedReason] as const]),
    ['media type', record.mediaType],
    ...Object.entries(record.headers).map(([name, value]) => ['header', `${name}: ${value}`] as const),
  ];
  return [
    ...facts.map(([name, value]) => `${name.padEnd(12)}${printable(value)}`),
    ...(envelope === null ? [] : ['', 'event:', ...bytesView(envelope)]),
    '',
    `record (${record.bytes.length} bytes${isUtf8(record.bytes) ? '' : ', not UTF-8: as hex'}):`,
    ...bytesView(record.bytes),
  ];
}
