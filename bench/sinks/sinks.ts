import { saveResult } from '../support/results.ts';
import { type Case, cases } from './cases.ts';
import { type Figures, measure } from './measure.ts';
import type { SinkSubject } from './sink-subject.ts';
import { toRow, toTable } from './summary.ts';
import type { Side } from './target.ts';

export interface SinksOptions {
  /** That each side of a case is driven in a round. */
  readonly seconds: number;
  readonly rounds: number;
}

const sides: readonly Side[] = ['bare', 'bareInOrder', 'feedferry'];

/**
 * Events of 1 KiB through publisher and sink, and through the bare client library, in turns: medians and ratios. Closes
 * the subject.
 */
export async function benchSinks(opened: SinkSubject, { seconds, rounds }: SinksOptions): Promise<void> {
  await using subject = opened;
  const turns = cases.flatMap((what) =>
    sides.flatMap((side) => {
      const load = what.loadOf(side, subject);
      return load ? [{ what, side, load }] : [];
    }),
  );
  const found = new Map<Case, Record<Side, Figures[]>>(
    cases.map((what) => [what, { bare: [], bareInOrder: [], feedferry: [] }]),
  );
  for (const { what, side, load } of turns) await measure(subject, what, side, load, Math.min(seconds, 1));
  for (let round = 1; round <= rounds; round++) {
    for (const { what, side, load } of turns) {
      const figures = await measure(subject, what, side, load, seconds);
      found.get(what)?.[side].push(figures);
      const { eventsPerSecond, cpuUsPerEvent } = figures;
      const said = `${eventsPerSecond.toFixed(0)} events/s  ${cpuUsPerEvent.toFixed(1)} CPU-µs/event`;
      console.error(`round ${round}  ${what.name.padEnd(36)} ${side.padEnd(12)} ${said}`);
    }
  }
  const rows = [...found].map(([what, figures]) => toRow(what, figures));
  const { name, notes } = subject;
  await saveResult(name, { benchmark: name, eventBytes: 1_024, seconds, rounds, notes, cases: rows });
  console.log([toTable(rows), ...notes].join('\n\n'));
}
