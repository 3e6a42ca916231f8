import { z } from 'zod';
import { date, errorCode, feedName, reason } from './admin-wire.ts';

/* What goes over the admin listener about ends of dead letters, declared once for both ends. */

const ids = z.array(z.string().min(1).max(100)).min(1).max(1_000);

export const redriveInput = z.strictObject({
  outOfOrder: z.boolean(),
  dryRun: z.boolean(),
  to: z.string().min(1).max(1_000).optional(),
});
export const redriveOutput = z.strictObject({
  id: z.string(),
  outcome: z.enum(['redriven', 'filtered', 'closed', 'refused', 'ready']),
  events: z.int(),
  about: z.string(),
  code: errorCode.exactOptional(),
});

export const discardLettersInput = z.strictObject({ ids, reason });
export const discardLettersOutput = z.strictObject({ discarded: z.int() });

const count = z.strictObject({ feed: feedName, code: errorCode, count: z.int(), oldestAt: date });
export const countsOutput = z.strictObject({ counts: z.array(count) });
