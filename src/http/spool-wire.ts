import { z } from 'zod';
import type { FeedName } from '../core/batch.ts';

const date = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (value) => value.toISOString(),
});

const use = z.strictObject({
  feed: z.templateLiteral([z.string().min(1), '/', z.string().min(1)]) as z.ZodType<FeedName>,
  records: z.int(),
  bytes: z.int(),
  oldestAt: date.optional(),
  accepted: z.int(),
  released: z.int(),
  gaps: z.int(),
});

/** SpoolState, over the admin listener. */
export const spoolOutput = z.strictObject({
  maxBytes: z.int(),
  bytes: z.int(),
  timeToFullMs: z.number().optional(),
  refusing: z.enum(['full', 'too-old', 'disk']).optional(),
  feeds: z.array(use).readonly(),
  quarantined: z.array(z.string()).readonly(),
});
