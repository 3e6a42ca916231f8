import { z } from 'zod';

/* What goes over the admin listener about registrations, declared once for both ends. */

export const registeredOutput = z.strictObject({
  change: z.enum(['created', 'found', 'updated', 'renewed', 'lost', 'kept', 'withdrawn']),
  id: z.string(),
});
