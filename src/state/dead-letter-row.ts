import type { SQLInputValue } from 'node:sqlite';
import type { FeedName } from '../core/batch.ts';
import type { DeadLetter, DeadLetterStage, DeadLetterStatus } from '../core/dead-letter.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Headers } from '../core/record.ts';

export interface DeadLetterRow {
  readonly id: string;
  readonly feed: string;
  readonly source: string;
  readonly code: string;
  readonly reason: string;
  readonly stage: string;
  readonly attempts: number;
  readonly batch_id: string;
  readonly record_index: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly media_type: string;
  readonly headers: string;
  readonly received_at: number;
  readonly bytes: Uint8Array;
  readonly envelope: Uint8Array | null;
  readonly status: string;
  readonly partition_key: string | null;
  readonly destination: string | null;
  readonly closed_at: number | null;
  readonly closed_reason: string | null;
  readonly others: string | null;
}

/** The columns that `deadLetterValues` fills, in its order. */
export const deadLetterColumns = [
  ...['id', 'feed', 'source', 'code', 'reason', 'stage', 'attempts', 'batch_id', 'record_index'],
  ...['first_at', 'last_at', 'media_type', 'headers', 'received_at', 'bytes', 'envelope'],
  ...['status', 'partition_key', 'destination', 'closed_at', 'closed_reason', 'others'],
];

function othersText({ others = [] }: Pick<DeadLetter, 'others'>): string | null {
  return others.length === 0 ? null : JSON.stringify(others);
}

export function deadLetterValues({ record, ...letter }: DeadLetter): SQLInputValue[] {
  return [
    letter.id,
    letter.feed,
    letter.source,
    letter.code,
    letter.reason,
    letter.stage,
    letter.attempts,
    letter.batchId,
    letter.index,
    letter.firstAt.getTime(),
    letter.lastAt.getTime(),
    record.mediaType,
    JSON.stringify(record.headers),
    record.receivedAt.getTime(),
    record.bytes,
    letter.envelope,
    letter.status,
    letter.partitionKey ?? null,
    letter.destination ?? null,
    letter.closedAt?.getTime() ?? null,
    letter.closedReason ?? null,
    othersText(letter),
  ];
}

export function toDeadLetter(row: DeadLetterRow): DeadLetter {
  return {
    id: row.id,
    feed: row.feed as FeedName,
    source: row.source,
    code: row.code as ErrorCode,
    reason: row.reason,
    stage: row.stage as DeadLetterStage,
    attempts: row.attempts,
    batchId: row.batch_id,
    index: row.record_index,
    record: {
      bytes: row.bytes,
      mediaType: row.media_type,
      headers: JSON.parse(row.headers) as Headers,
      receivedAt: new Date(row.received_at),
    },
    envelope: row.envelope,
    firstAt: new Date(row.first_at),
    lastAt: new Date(row.last_at),
    status: row.status as DeadLetterStatus,
    ...(row.partition_key !== null && { partitionKey: row.partition_key }),
    ...(row.destination !== null && { destination: row.destination }),
    ...(row.closed_at !== null && { closedAt: new Date(row.closed_at) }),
    ...(row.others !== null && { others: JSON.parse(row.others) as readonly string[] }),
    ...(row.closed_reason !== null && { closedReason: row.closed_reason }),
  };
}
