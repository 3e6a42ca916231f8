import { z } from 'zod';
import { date, errorCode, feedName, reason } from './admin-wire.ts';

/* What goes over the admin listener about parked keys, declared once for both ends. */

export const releaseInput = z.strictObject({
  key: z.string().min(1).max(10_000),
  reason,
  to: z.string().min(1).max(1_000).optional(),
});
const refused = z.strictObject({ id: z.string(), code: errorCode, reason: z.string() });
export const releaseOutput = z.strictObject({
  released: z.int(),
  outcome: z.enum(['released', 'refused', 'more']),
  refused: refused.exactOptional(),
});

const parkedKey = z.strictObject({
  feed: feedName,
  key: z.string(),
  destination: z.string().nullable(),
  count: z.int(),
  since: date.nullable(),
});
export const parkedOutput = z.strictObject({ keys: z.array(parkedKey) });
