import { expect, vi } from 'vitest';
import { type ErrorCode, errorCatalogue } from '../../../src/core/errors.ts';
import { type Stream, startStream } from '../sink-network/stream.ts';
import { judgeStored, type Verdict } from '../sink-network/verdict.ts';
import type { Fault, Outage, OutageSubject } from './harness.ts';

/** What came of it. Counts of events. */
export interface Ordeal extends Verdict {
  readonly events: number;
  /** Refused for good, and yet stored. */
  readonly poisonStored: number;
  /** From being healed until every feed had a batch confirmed again; with poison, from being given it. The longest. */
  readonly recoveryMs: number;
}

const connectionsLimitMs = 5_000;

/** Each feed has tried in vain, and once more. */
const timesTold = 2;
/** What proves of each feed that it flows under something. */
const batchesUnder = 2;

async function outage({ told, begin, heal, destroys }: Outage, stream: Stream): Promise<number> {
  try {
    if (destroys) await stream.still(begin);
    else await begin();
    if (told === 'nothing') await stream.flows(batchesUnder);
    else await stream.told(told, timesTold);
  } finally {
    await heal();
  }
  const healedAt = performance.now();
  await stream.flows(1);
  return performance.now() - healedAt;
}

async function poison(fault: Extract<Fault, { kind: 'poison' }>, stream: Stream): Promise<number> {
  const givenAt = performance.now();
  await stream.swallows(fault);
  return performance.now() - givenAt;
}

function fatalOf(fault: Fault): ErrorCode | undefined {
  if (fault.kind === 'poison' || fault.told === 'nothing') return undefined;
  return errorCatalogue[fault.told].disposition === 'fatal' ? fault.told : undefined;
}

/** Publishes through so many rounds of a fault, closes the sink and reads everything back. */
export async function undergo(subject: OutageSubject, fault: Fault, rounds: number): Promise<Ordeal> {
  await using stream = startStream(subject, { mayHalt: fatalOf(fault) });
  let recoveryMs = 0;
  for (let round = 0; round < rounds; round++) {
    await stream.flows(3);
    const took = await (fault.kind === 'poison' ? poison(fault, stream) : outage(fault, stream));
    recoveryMs = Math.max(recoveryMs, Math.round(took));
  }
  const published = await stream.finish();
  const limit = { timeout: connectionsLimitMs };
  await vi.waitFor(() => expect(subject.connections(), 'connections left open').toBe(0), limit);
  const stored = await subject.read();
  return {
    events: published.lanes.values().reduce((sum, ids) => sum + ids.length, 0),
    ...judgeStored(published.lanes, stored),
    poisonStored: stored.filter(({ id }) => published.poison.has(id)).length,
    recoveryMs,
  };
}
