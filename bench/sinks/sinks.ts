import type { KafkaClientName } from '../support/bare-kafka.ts';
import { saveResult } from '../support/results.ts';
import { median, spread } from '../support/statistics.ts';
import { markdownTable } from '../support/table.ts';
import { type Case, cases } from './cases.ts';
import { openKafkaSubject } from './kafka.ts';
import { type Figures, measure } from './measure.ts';
import type { Side } from './target.ts';

export interface SinksOptions {
  readonly client: KafkaClientName;
  /** That each side of a case is driven in a round. */
  readonly seconds: number;
  readonly rounds: number;
}

const sides: readonly Side[] = ['bare', 'feedferry'];

/** Events of 1 KiB through publisher and sink, and through the bare client library, in turns: medians and ratios. */
export async function benchSinks({ client, seconds, rounds }: SinksOptions): Promise<void> {
  await using subject = await openKafkaSubject(client);
  const rounded = new Map<Case, Record<Side, Figures[]>>(cases.map((what) => [what, { bare: [], feedferry: [] }]));
  for (const what of cases) for (const side of sides) await measure(subject, what, side, Math.min(seconds, 1));
  for (let round = 1; round <= rounds; round++) {
    for (const [what, found] of rounded) {
      for (const side of sides) {
        const figures = await measure(subject, what, side, seconds);
        found[side].push(figures);
        const { eventsPerSecond, cpuUsPerEvent } = figures;
        const said = `${eventsPerSecond.toFixed(0)} events/s  ${cpuUsPerEvent.toFixed(1)} CPU-µs/event`;
        console.error(`round ${round}  ${what.name.padEnd(36)} ${side.padEnd(10)} ${said}`);
      }
    }
  }
  const rows = [...rounded].map(([{ name }, found]) => {
    const [bare, feedferry] = [summarise(found.bare), summarise(found.feedferry)];
    return { name, bare, feedferry, ratio: feedferry.eventsPerSecond / bare.eventsPerSecond };
  });
  await saveResult(subject.name, { benchmark: subject.name, eventBytes: 1_024, seconds, rounds, cases: rows });
  const cells = rows.map(({ name, bare, feedferry, ratio }) => [
    name,
    bare.eventsPerSecond.toFixed(0),
    feedferry.eventsPerSecond.toFixed(0),
    ratio.toFixed(2),
    bare.cpuUsPerEvent.toFixed(1),
    feedferry.cpuUsPerEvent.toFixed(1),
  ]);
  const head = ['', 'bare, events/s', 'feedferry, events/s', 'ratio', 'bare, CPU-µs/event', 'feedferry, CPU-µs/event'];
  console.log(markdownTable(head, cells));
}

function summarise(rounds: readonly Figures[]) {
  const speeds = rounds.map(({ eventsPerSecond }) => eventsPerSecond);
  const cpuUsPerEvent = median(rounds.map((round) => round.cpuUsPerEvent));
  return { eventsPerSecond: median(speeds), spread: spread(speeds), cpuUsPerEvent };
}
