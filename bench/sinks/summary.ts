import { median, spread } from '../support/statistics.ts';
import { markdownTable } from '../support/table.ts';
import type { Case } from './cases.ts';
import type { Figures } from './measure.ts';
import type { Side } from './target.ts';

/** What came of the rounds of a case, by side. */
export type Rounds = Readonly<Record<Side, readonly Figures[]>>;

interface Summary extends Figures {
  readonly spread: number;
}

/** One case, as it is kept. */
export interface Row {
  readonly name: string;
  readonly bare: Summary;
  readonly feedferry: Summary;
  readonly ratio: number;
  /** Where the library, used at its best, gives up order. */
  readonly bareInOrder?: Summary;
  readonly ratioInOrder?: number;
}

function summarise(rounds: readonly Figures[]): Summary {
  const speeds = rounds.map(({ eventsPerSecond }) => eventsPerSecond);
  const cpuUsPerEvent = median(rounds.map((round) => round.cpuUsPerEvent));
  return { eventsPerSecond: median(speeds), spread: spread(speeds), cpuUsPerEvent };
}

export function toRow({ name }: Case, rounds: Rounds): Row {
  const [bare, feedferry] = [summarise(rounds.bare), summarise(rounds.feedferry)];
  const row = { name, bare, feedferry, ratio: feedferry.eventsPerSecond / bare.eventsPerSecond };
  if (rounds.bareInOrder.length === 0) return row;
  const bareInOrder = summarise(rounds.bareInOrder);
  return { ...row, bareInOrder, ratioInOrder: feedferry.eventsPerSecond / bareInOrder.eventsPerSecond };
}

interface Column {
  readonly head: string;
  readonly cell: (row: Row) => string | undefined;
}

const columns: readonly Column[] = [
  { head: '', cell: ({ name }) => name },
  { head: 'bare, events/s', cell: ({ bare }) => bare.eventsPerSecond.toFixed(0) },
  { head: 'bare in order, events/s', cell: ({ bareInOrder }) => bareInOrder?.eventsPerSecond.toFixed(0) },
  { head: 'feedferry, events/s', cell: ({ feedferry }) => feedferry.eventsPerSecond.toFixed(0) },
  { head: 'ratio', cell: ({ ratio }) => ratio.toFixed(2) },
  { head: 'ratio in order', cell: ({ ratioInOrder }) => ratioInOrder?.toFixed(2) },
  { head: 'bare, CPU-µs/event', cell: ({ bare }) => bare.cpuUsPerEvent.toFixed(1) },
  { head: 'feedferry, CPU-µs/event', cell: ({ feedferry }) => feedferry.cpuUsPerEvent.toFixed(1) },
];

/** A Markdown table; without the columns that have nothing in them. */
export function toTable(rows: readonly Row[]): string {
  const filled = columns.filter(({ cell }) => rows.some((row) => cell(row) !== undefined));
  return markdownTable(
    filled.map(({ head }) => head),
    rows.map((row) => filled.map(({ cell }) => cell(row) ?? '')),
  );
}
