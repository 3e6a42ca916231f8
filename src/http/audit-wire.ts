import { z } from 'zod';
import { batchReceipt, date, reason } from './admin-wire.ts';

/* What goes over the admin listener for audits, and about replays, declared once for both ends. */

export const pageQuery = z.strictObject({
  from: date,
  to: date,
  after: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(1_000),
});

export const receiptsOutput = z.strictObject({ items: z.array(batchReceipt).readonly(), next: z.int().optional() });

const unreceipted = z.strictObject({
  batchId: z.string(),
  publishedAt: date,
  events: z.int(),
  receipts: z.int(),
  whereabouts: z.string(),
});
export const unreceiptedOutput = z.strictObject({
  batches: z.int(),
  expired: z.int(),
  items: z.array(unreceipted).readonly(),
  next: z.int().optional(),
});

export const replayInput = z.strictObject({
  reason,
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});
