import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type MeasuredChild, startScript } from '../support/child.ts';
import { cpuUsOf, mainCpuUsOf, peakRssBytesOf } from '../support/proc.ts';
import { verifyStored } from '../support/verify-stored.ts';
import type { Ground, Place, Subject } from './subject.ts';

/** All but the peak RSS is of the time after the warm-up. */
export interface Figures {
  readonly eventsPerSecond: number;
  readonly cpuUsPerEvent: number;
  /** Of these, on the main thread. */
  readonly mainCpuUsPerEvent: number;
  readonly peakRssMiB: number;
  readonly upstreamCpuUsPerEvent: number;
}

/** The share of the events that a fresh process may take to compile what it needs. */
const warmUpShare = 0.2;
const lookMs = 10;

/** One subject reads a stream of so many events. Throws when anything is lost, doubled or out of order. */
export async function measure(
  ground: Ground,
  subject: Subject,
  events: number,
  nodeOptions: readonly string[] = [],
): Promise<Figures> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-bench-'));
  try {
    await using place = await ground.freshPlace();
    const figures = await run(place);
    verifyStored(subject.name, await subject.read(place.name), events);
    return figures;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }

  async function run(place: Place): Promise<Figures> {
    await using upstream = await startScript(join(import.meta.dirname, 'upstream.ts'), [String(events)]);
    await using child = await subject.start(upstream.ready, place.name, dir, nodeOptions);
    const look = async () => ({ stored: await place.count(), at: performance.now(), used: usedBy(child, upstream) });
    const reached = async (wanted: number) => {
      for (;;) {
        const seen = await look();
        if (seen.stored >= wanted) return seen;
        await Promise.race([delay(lookMs), upstream.broken, child.broken]);
      }
    };
    const before = await reached(events * warmUpShare);
    const after = await reached(events);
    const measured = after.stored - before.stored;
    const [own = 0, main = 0, source = 0] = after.used.map((us, at) => (us - (before.used[at] ?? 0)) / measured);
    return {
      eventsPerSecond: (measured / (after.at - before.at)) * 1_000,
      cpuUsPerEvent: own,
      mainCpuUsPerEvent: main,
      peakRssMiB: peakRssBytesOf(child.pid) / 1024 ** 2,
      upstreamCpuUsPerEvent: source,
    };
  }
}

function usedBy({ pid }: MeasuredChild, upstream: MeasuredChild): readonly number[] {
  return [cpuUsOf(pid), mainCpuUsOf(pid), cpuUsOf(upstream.pid)];
}
