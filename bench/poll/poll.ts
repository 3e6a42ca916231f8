import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median, spread } from '../support/statistics.ts';
import { markdownTable } from '../support/table.ts';
import { type Figures, measure } from './measure.ts';
import { bare, bridge, type Subject } from './subjects.ts';

export interface PollOptions {
  readonly events: number;
  readonly rounds: number;
}

const results = join(import.meta.dirname, '../results');

/** Drains six feeds into the log sink: the bridge and the bare loop in turns, medians of the rounds, and their ratio. */
export async function benchPoll({ events, rounds }: PollOptions): Promise<void> {
  const subjects = [bare, bridge];
  const figures = new Map<Subject, Figures[]>(subjects.map((subject) => [subject, []]));
  for (const subject of subjects) await measure(subject, Math.min(events, 2_000));
  for (let round = 1; round <= rounds; round++) {
    for (const subject of subjects) {
      const found = await measure(subject, events);
      figures.get(subject)?.push(found);
      const { eventsPerSecond, cpuUsPerEvent, peakRssMiB } = found;
      console.error(
        `round ${round}  ${subject.name.padEnd(10)}  ${eventsPerSecond.toFixed(0)} events/s  ` +
          `${cpuUsPerEvent.toFixed(1)} CPU-µs/event  ${peakRssMiB.toFixed(0)} MiB`,
      );
    }
  }
  const summary = { benchmark: 'poll', sink: 'log', feeds: 6, eventsPerFeed: events, rounds, ...compare(figures) };
  await mkdir(results, { recursive: true });
  await writeFile(join(results, 'poll-log.json'), `${JSON.stringify(summary, null, 2)}\n`);
  console.log(table(figures, summary.ratio));
}

type Measured = ReadonlyMap<Subject, readonly Figures[]>;

function medians(rounds: readonly Figures[]): Figures {
  return {
    eventsPerSecond: median(rounds.map((round) => round.eventsPerSecond)),
    cpuUsPerEvent: median(rounds.map((round) => round.cpuUsPerEvent)),
    peakRssMiB: median(rounds.map((round) => round.peakRssMiB)),
  };
}

function compare(figures: Measured) {
  const [base, own] = [medians(figures.get(bare) ?? []), medians(figures.get(bridge) ?? [])];
  return {
    bare: base,
    feedferry: own,
    ratio: own.eventsPerSecond / base.eventsPerSecond,
    moreRssMiB: own.peakRssMiB - base.peakRssMiB,
    spread: spread((figures.get(bridge) ?? []).map((round) => round.eventsPerSecond)),
  };
}

function table(figures: Measured, ratio: number): string {
  const rows = [...figures].map(([subject, rounds]) => {
    const { eventsPerSecond, cpuUsPerEvent, peakRssMiB } = medians(rounds);
    const share = subject === bridge ? ratio.toFixed(2) : '1';
    return [subject.name, eventsPerSecond.toFixed(0), share, cpuUsPerEvent.toFixed(1), peakRssMiB.toFixed(0)];
  });
  return markdownTable(['', 'events/s', 'ratio', 'CPU-µs/event', 'peak RSS MiB'], rows);
}
