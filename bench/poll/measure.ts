import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { remoteSimulator } from '../../connectors/fenergo/simulator/remote.ts';
import { startChild } from '../support/child.ts';
import type { Subject } from './subjects.ts';

export interface Figures {
  readonly eventsPerSecond: number;
  readonly cpuUsPerEvent: number;
  readonly peakRssMiB: number;
}

const drainLimitMs = 300_000;

/** One drain of so many queued events in each of the six feeds. Throws when anything is lost, doubled or out of order. */
export async function measure(subject: Subject, eventsPerFeed: number): Promise<Figures> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-bench-'));
  try {
    await using upstream = await startChild(join(import.meta.dirname, 'upstream.ts'), [String(eventsPerFeed)]);
    const simulator = remoteSimulator(upstream.ready);
    await using child = await subject.start(upstream.ready, dir);
    const started = performance.now();
    if (!(await simulator.drained(drainLimitMs))) throw new Error(`${subject.name} did not drain the feeds in time`);
    const seconds = (performance.now() - started) / 1_000;
    const events = eventsPerFeed * feedNames.length;
    const figures = {
      eventsPerSecond: events / seconds,
      cpuUsPerEvent: child.cpuUs() / events,
      peakRssMiB: child.peakRssBytes() / 1024 ** 2,
    };
    verify(subject.name, await subject.read(dir), eventsPerFeed);
    return figures;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A clean run must give each event once, in order. */
function verify(name: string, feeds: ReadonlyMap<string, readonly number[]>, eventsPerFeed: number) {
  for (const [feed, sequence] of feeds) {
    const wrong = sequence.findIndex((number, at) => number !== at + 1);
    if (wrong >= 0 || sequence.length !== eventsPerFeed) {
      throw new Error(
        `${name}: feed ${feed} has ${sequence.length} events of ${eventsPerFeed}, first wrong at ${wrong}`,
      );
    }
  }
}
