import type { Attempt, Delivery, Moment, SenderStats, SentDelivery } from './options.ts';

type Kind = SentDelivery['kind'];

/** What was sent, and what was answered. */
export interface SenderLedger {
  now(): Moment;
  open(number: number, delivery: Pick<Delivery, 'marks' | 'lane'>, kind: Kind): OpenDelivery;
  list(): readonly SentDelivery[];
  stats(): SenderStats;
}

export interface OpenDelivery {
  attempt(attempt: Attempt): void;
  isSafe(): boolean;
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

export function createLedger(): SenderLedger {
  const entries: (SentDelivery & { attempts: Attempt[]; safe: Moment | null })[] = [];
  let order = 0;
  return {
    now() {
      order += 1;
      return { at: Date.now(), order };
    },
    open(number, { marks, lane }, kind) {
      const entry = { number, marks, lane, kind, attempts: [] as Attempt[], safe: null as Moment | null };
      entries.push(entry);
      return {
        attempt(attempt) {
          entry.attempts.push(attempt);
          if (isSuccess(attempt.status)) entry.safe ??= attempt.answered;
        },
        isSafe: () => entry.safe !== null,
      };
    },
    list: () => entries.map((entry) => ({ ...entry, attempts: [...entry.attempts] })),
    stats() {
      const statuses: Record<string, number> = {};
      for (const { status } of entries.flatMap(({ attempts }) => attempts)) {
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
      const wanted = entries.filter(({ kind }) => kind !== 'forbidden');
      const safe = wanted.filter((entry) => entry.safe !== null).length;
      return { deliveries: wanted.length, safe, givenUp: wanted.length - safe, statuses };
    },
  };
}
