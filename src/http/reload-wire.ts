import { z } from 'zod';
import { errorCode } from './admin-wire.ts';

const finding = z.union([
  z.strictObject({ severity: z.literal('ok'), subject: z.string(), message: z.string() }),
  z.strictObject({
    severity: z.enum(['error', 'warning']),
    subject: z.string(),
    code: errorCode,
    message: z.string(),
    hint: z.string().optional(),
    command: z.string().optional(),
  }),
]);
const names = z.array(z.string()).readonly();

/** What a reload over the admin listener gives, also when it was refused. */
export const reloadOutput = z.strictObject({
  outcome: z.enum(['applied', 'unchanged', 'refused', 'failed']),
  findings: z.array(finding).readonly(),
  added: names,
  changed: names,
  removed: names,
  kept: names,
});
