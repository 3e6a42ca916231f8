import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Recovery } from '../../support/judge/recovery.ts';
import type { SpoolTail } from '../../support/judge/spool-tail.ts';
import { type Drain, transactionRecoveryLimitMs } from '../drain.ts';

/** Something between the bridge and what is stored that stops working for a while. */
export interface Fault {
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
  readonly lastsMs: number;
  /** How often what is in flight may be written then, more than once. Default: 1. */
  readonly times?: number;
}

const refillEvents = 100;
const patienceMs = 50_000;
/** A slow network lets batches come and go while it is slow. */
const lookMs = 100;

/** The first batch of each feed. */
function headsOf(batches: readonly string[]): readonly string[] {
  const byFeed = Map.groupBy(batches, (name) => name.slice(0, name.indexOf('/')));
  return [...byFeed.values()].flatMap((names) => names.slice(0, 1));
}

/** Upstream is told complete whatever the broker does: that feeds flow is seen by what leaves the spool. */
async function leaveSpool(spool: SpoolTail): Promise<readonly Recovery[]> {
  const began = Date.now();
  const waiting = new Set(headsOf(spool.batches()));
  const recoveries: Recovery[] = [];
  const look = () => {
    const there = new Set(spool.batches());
    for (const name of waiting) {
      if (there.has(name)) continue;
      waiting.delete(name);
      recoveries.push({ feed: name.slice(0, name.indexOf('/')), ms: Date.now() - began });
    }
    return [...waiting];
  };
  await expect.poll(look, { timeout: patienceMs, interval: 100 }).toEqual([]);
  for (const { ms } of recoveries) expect(ms).toBeLessThanOrEqual(transactionRecoveryLimitMs);
  return recoveries;
}

/** Lets a fault come and go, and waits until all feeds flow again. What is in flight meanwhile may be doubled, and nothing else. */
export async function shake(drain: Drain, { begin, end, lastsMs, times = 1 }: Fault): Promise<readonly Recovery[]> {
  const { spool } = drain;
  if (!spool) {
    const outage = await drain.outage(
      async () => {
        await begin();
        await delay(lastsMs);
        await end();
      },
      { times },
    );
    return await drain.recovered(outage);
  }
  drain.upstream.refill(refillEvents);
  await begin();
  const inFlight = new Set(drain.inFlight());
  for (const over = Date.now() + lastsMs; Date.now() < over; ) {
    await delay(Math.min(lookMs, Math.max(0, over - Date.now())));
    for (const name of drain.inFlight()) inFlight.add(name);
  }
  drain.mayDouble([...inFlight], times);
  await end();
  return await leaveSpool(spool);
}
