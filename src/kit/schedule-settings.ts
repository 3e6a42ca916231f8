import { Cron } from 'croner';
import { z } from 'zod';
import type { Schedule } from '../core/schedule.ts';
import { duration } from './scalars.ts';

/** Runs more than once from now on: a pattern that never fires again would be a silent feed. */
function isRecurring(pattern: string): boolean {
  try {
    return new Cron(pattern, { paused: true }).nextRuns(2).length === 2;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const every = z
  .strictObject({ every: duration({ max: '24d' }).describe('Time between two polls, ± 10 %.') })
  .transform(({ every }): Schedule => ({ kind: 'every', everyMs: every, jitter: 0.1 }));

const cron = z
  .strictObject({
    cron: z
      .string()
      .refine(isRecurring, 'expected a cron pattern that fires again and again, such as "*/5 7-19 * * 1-5"')
      .describe('Cron pattern.'),
    timezone: z
      .string()
      .refine(isTimeZone, 'expected a time zone such as Europe/Dublin')
      .describe('Time zone of the pattern.'),
  })
  .transform(({ cron, timezone }): Schedule => ({ kind: 'cron', cron, timezone }));

/** When an idle feed is polled again: every 15 s ± 10 % unless told otherwise. */
export const scheduleSettings = z
  .union([every, cron], 'expected { every: 15s }, or { cron: "*/5 7-19 * * 1-5", timezone: Europe/Dublin }')
  .prefault({ every: '15s' })
  .describe(
    'When an idle feed is polled again: { every: 15s }, or { cron: "*/5 7-19 * * 1-5", timezone: Europe/Dublin }.',
  );
