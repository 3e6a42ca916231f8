import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { startScript } from '../support/child.ts';
import { cpuUsOf, mainCpuUsOf, peakRssBytesOf } from '../support/proc.ts';
import type { Ground, Subject } from './subject.ts';
import { verify } from './verify.ts';

/** CPU time is counted from when the subject is ready, time from its first request to the last complete. */
export interface Figures {
  readonly eventsPerSecond: number;
  readonly cpuUsPerEvent: number;
  /** Of these, on the main thread. */
  readonly mainCpuUsPerEvent: number;
  readonly peakRssMiB: number;
  /** NaN where it cannot be told. */
  readonly brokerCpuUsPerEvent: number;
  readonly upstreamCpuUsPerEvent: number;
}

const drainLimitMs = 300_000;

/** One drain of so many queued events in each of the six feeds. Throws when anything is lost, doubled or out of order. */
export async function measure(
  ground: Ground,
  subject: Subject,
  eventsPerFeed: number,
  nodeOptions: readonly string[] = [],
): Promise<Figures> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-bench-'));
  try {
    await using place = await ground.freshPlace();
    const figures = await drain();
    verify(subject.name, await subject.read(place.name), eventsPerFeed);
    return figures;

    async function drain(): Promise<Figures> {
      await using upstream = await startScript(join(import.meta.dirname, 'upstream.ts'), [String(eventsPerFeed)]);
      await using child = await subject.start(upstream.ready, place.name, dir, nodeOptions);
      const used = () =>
        [cpuUsOf(child.pid), mainCpuUsOf(child.pid), ground.brokerCpuUs(), cpuUsOf(upstream.pid)] as const;
      const before = used();
      const seconds = await Promise.race([drained(upstream.ready), upstream.broken, child.broken]);
      const events = eventsPerFeed * feedNames.length;
      const [own = 0, main = 0, broker = 0, source = 0] = used().map((us, at) => (us - (before[at] ?? 0)) / events);
      return {
        eventsPerSecond: events / seconds,
        cpuUsPerEvent: own,
        mainCpuUsPerEvent: main,
        peakRssMiB: peakRssBytesOf(child.pid) / 1024 ** 2,
        brokerCpuUsPerEvent: broker,
        upstreamCpuUsPerEvent: source,
      };
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function drained(upstream: string): Promise<number> {
  const response = await fetch(new URL('drained', upstream), { signal: AbortSignal.timeout(drainLimitMs) });
  return Number(await response.text());
}
