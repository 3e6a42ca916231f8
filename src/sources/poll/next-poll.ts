import { Cron } from 'croner';
import type { Schedule } from '../../core/schedule.ts';

/** Milliseconds until an idle feed is asked again. `random` gives [0, 1). */
export function nextPollMs(schedule: Schedule, now: Date, random: () => number = Math.random): number {
  switch (schedule.kind) {
    case 'every':
      return Math.round(schedule.everyMs * (1 + schedule.jitter * (2 * random() - 1)));
    case 'cron': {
      const next = new Cron(schedule.cron, { timezone: schedule.timezone, paused: true }).nextRun(now);
      // A pattern that never comes again (a past year) leaves the feed at rest; it is looked at once a day.
      return next ? next.getTime() - now.getTime() : 86_400_000;
    }
  }
}
