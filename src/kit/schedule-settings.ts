import { Cron } from 'croner';
import { z } from 'zod';
import type { Schedule } from '../core/schedule.ts';
import { duration } from './scalars.ts';

function isCron(pattern: string): boolean {
  try {
    new Cron(pattern, { paused: true });
    return true;
  } catch {
    return false;
  }
}

const every = z
  .strictObject({ every: duration() })
  .transform(({ every }): Schedule => ({ kind: 'every', everyMs: every, jitter: 0.1 }));

const cron = z
  .strictObject({
    cron: z.string().refine(isCron, 'expected a cron pattern such as "*/5 7-19 * * 1-5"'),
    timezone: z
      .string()
      .refine(
        (zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC',
        'expected a time zone such as Europe/Dublin',
      ),
  })
  .transform(({ cron, timezone }): Schedule => ({ kind: 'cron', cron, timezone }));

const standard: Schedule = { kind: 'every', everyMs: 15_000, jitter: 0.1 };

/** When an idle feed is polled again: every 15 s ± 10 % unless told otherwise. */
export const scheduleSettings = z.union([every, cron]).default(standard);
