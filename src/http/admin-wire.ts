import { z } from 'zod';
import type { FeedName } from '../core/batch.ts';
import { deadLetterStages, deadLetterStatuses } from '../core/dead-letter.ts';
import { type ErrorCode, errorCatalogue } from '../core/errors.ts';

/*
 * What goes over the admin listener, declared once for both ends: bytes travel as base64, dates in ISO 8601.
 */

export const feedName = z.templateLiteral([z.string().min(1), '/', z.string().min(1)]) as z.ZodType<FeedName>;
export const errorCode = z.custom<ErrorCode>(
  (value) => typeof value === 'string' && Object.hasOwn(errorCatalogue, value),
  'expected an error code',
);

export const date = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (value) => value.toISOString(),
});

const bytes = z.codec(
  z.base64(),
  z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  {
    decode: (text): Uint8Array => Buffer.from(text, 'base64'),
    encode: (value) => Buffer.from(value).toString('base64'),
  },
);

const limit = z.coerce.number().int().min(1).max(10_000);
export const reason = z.string().trim().min(1).max(1_000);

export const reasonInput = z.strictObject({ reason });
export const setAsideInput = z.strictObject({ reason, batchId: z.string().min(1).max(1_000).optional() });
export const cursorInput = z.strictObject({ reason, position: z.string().min(1).max(10_000) });

/** `open,parked` */
const statuses = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(deadLetterStatuses)).min(1));

export const deadLetterQuery = z.strictObject({
  feed: feedName.optional(),
  code: errorCode.optional(),
  stage: z.enum(deadLetterStages).optional(),
  status: statuses.optional(),
  since: date.optional(),
  until: date.optional(),
  after: z.string().min(1).max(100).optional(),
  limit,
});
export const ledgerQuery = z.strictObject({ feed: feedName.optional(), limit });
export const traceQuery = z.strictObject({ text: z.string().min(1).max(1_000), limit });

export const feedStateOutput = z.strictObject({ state: z.enum(['running', 'paused', 'halted']) });
export const setAsideOutput = z.strictObject({ batchId: z.string(), deadLetterId: z.string() });
export const discardOutput = z.strictObject({ attempts: z.int(), proof: z.enum(['empty', 'newer-batch']) });

const openBatch = z.strictObject({ batchId: z.string().optional(), body: bytes });
export const peekOutput = z.strictObject({ batch: openBatch.nullable() });

const record = z.strictObject({
  bytes,
  mediaType: z.string(),
  headers: z.record(z.string(), z.string()),
  receivedAt: date,
});

const deadLetter = z.strictObject({
  id: z.string(),
  feed: feedName,
  status: z.enum(deadLetterStatuses),
  source: z.string(),
  code: errorCode,
  reason: z.string(),
  stage: z.enum(deadLetterStages),
  attempts: z.int(),
  batchId: z.string(),
  index: z.int(),
  record,
  envelope: bytes.nullable(),
  firstAt: date,
  lastAt: date,
  partitionKey: z.string().exactOptional(),
  destination: z.string().exactOptional(),
  others: z.array(z.string()).readonly().exactOptional(),
  closedAt: date.exactOptional(),
  closedReason: z.string().exactOptional(),
});
export const deadLetterOutput = z.strictObject({ deadLetter });
export const deadLettersOutput = z.strictObject({ deadLetters: z.array(deadLetter) });

const ledgerEntry = z.strictObject({
  feed: feedName,
  batchId: z.string(),
  digest: z.string(),
  events: z.int(),
  whereabouts: z.string(),
  publishedAt: date,
  completedAt: date.nullable(),
});
export const ledgerOutput = z.strictObject({ entries: z.array(ledgerEntry) });

const eventReceipt = z.strictObject({
  id: z.string(),
  source: z.string().optional(),
  correlationId: z.string().optional(),
  destination: z.string(),
  to: z.string().optional(),
  receipt: z.record(z.string(), z.union([z.string(), z.number()])),
});
export const batchReceipt = z.strictObject({
  feed: feedName,
  batchId: z.string(),
  fetchedAt: date,
  publishedAt: date,
  completedAt: date.nullable(),
  events: z.array(eventReceipt).readonly(),
});
export const traceOutput = z.strictObject({ batches: z.array(batchReceipt) });

export const rawBatchesQuery = z.strictObject({
  from: date,
  to: date,
  after: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(100),
});
const rawBatch = z.strictObject({
  feed: feedName,
  batchId: z.string(),
  fetchedAt: date,
  offset: z.int().exactOptional(),
  records: z.array(record).readonly(),
});
export const rawBatchesOutput = z.strictObject({ items: z.array(rawBatch).readonly(), next: z.int().optional() });

export const cursorsOutput = z.strictObject({
  cursors: z.array(z.strictObject({ feed: feedName, position: z.string(), setAt: date })),
});

export const doneOutput = z.strictObject({ done: z.literal(true) });

export const errorOutput = z.object({
  error: z.object({ code: errorCode, message: z.string(), hint: z.string().optional() }),
});
