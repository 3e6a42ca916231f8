import { hash } from 'node:crypto';
import type { Secret } from '../../src/core/secret.ts';

const prague = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Prague', hour: '2-digit', hourCycle: 'h23' });

/** The hour that counts, as two digits: that of Europe/Prague, in summer and in winter. */
export function pragueHour(at: Date): string {
  return prague.format(at);
}

/** Their clock and ours may differ by so much at the turn of the hour. */
const skewMs = 120_000;

/** Who asks. */
export interface Account {
  readonly user: string;
  readonly password: Secret;
}

/** When a request is made; with `refusedAt`, one that was made then was not accepted. */
export interface Moment {
  readonly now: Date;
  readonly refusedAt?: Date | undefined;
}

/** The hour of now; after a refusal at the turn of the hour the other one, and else the same again. */
function hourOf({ now, refusedAt }: Moment): string {
  const hour = pragueHour(now);
  if (refusedAt === undefined) return hour;
  const refused = pragueHour(refusedAt);
  const around = [0, skewMs, -skewMs].map((by) => pragueHour(new Date(now.getTime() + by)));
  return around.find((one) => one !== refused) ?? hour;
}

/** What stands in `auth` of a request: good for an hour. */
export function authOf({ user, password }: Account, moment: Moment): string {
  return hash('sha1', `${user}${hash('sha1', password.reveal())}${hourOf(moment)}`);
}
