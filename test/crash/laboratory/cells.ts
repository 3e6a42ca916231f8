import { dice } from '../../../connectors/fenergo/simulator/mix.ts';
import type { DrainOptions } from '../drain.ts';
import { type FaultName, faultNames } from './fault-names.ts';

/** How a source is run, as the configuration says it. */
interface Way {
  readonly name: string;
  readonly options: Pick<DrainOptions, 'ack' | 'delivery'>;
}

/** `transactions`: whether the configuration accepts `delivery: exactly-once` into it. `broker`: the kind of broker. */
interface SinkKind {
  readonly name: SinkName;
  readonly broker: BrokerKind;
  readonly transactions: boolean;
}

export type BrokerKind = 'log' | 'kafka' | 'rabbitmq' | 'sqs';
export type SinkName = 'log' | 'kafka' | 'kafka (kafkajs)' | 'rabbitmq' | 'sqs' | 'sqs fifo';
/** A new kind of source is a name here, its ways in `sources`, and how it is run and judged in `runs` (runs.ts). */
export type SourceName = 'poll' | 'webhook' | 'sse' | 'mailbox';

/** A source kind, run in one way, into one sink. */
export interface Line extends Way {
  readonly source: SourceName;
  readonly sink: SinkName;
  readonly broker: BrokerKind;
}

export interface Cell {
  readonly line: Line;
  readonly fault: FaultName;
  /** Why there is nothing to be tried, in words. */
  readonly senseless?: string;
}

const sinks: readonly SinkKind[] = [
  { name: 'log', broker: 'log', transactions: false },
  { name: 'kafka', broker: 'kafka', transactions: true },
  { name: 'kafka (kafkajs)', broker: 'kafka', transactions: false },
  { name: 'rabbitmq', broker: 'rabbitmq', transactions: false },
  { name: 'sqs', broker: 'sqs', transactions: false },
  { name: 'sqs fifo', broker: 'sqs', transactions: false },
];

/** The ways of each source kind. */
const sources: Readonly<Record<SourceName, readonly Way[]>> = {
  poll: [
    { name: 'poll', options: {} },
    { name: 'poll, ack: spool', options: { ack: 'spool' } },
    { name: 'poll, exactly-once', options: { delivery: 'exactly-once' } },
    { name: 'poll, ack: spool, exactly-once', options: { ack: 'spool', delivery: 'exactly-once' } },
  ],
  webhook: [
    { name: 'webhook', options: {} },
    { name: 'webhook, ack: spool', options: { ack: 'spool' } },
    { name: 'webhook, ack: spool, exactly-once', options: { ack: 'spool', delivery: 'exactly-once' } },
  ],
  // Streams are always acknowledged from the spool.
  sse: [
    { name: 'sse', options: { ack: 'spool' } },
    { name: 'sse, exactly-once', options: { ack: 'spool', delivery: 'exactly-once' } },
  ],
  mailbox: [{ name: 'mailbox', options: {} }],
};

const lines: readonly Line[] = (Object.keys(sources) as SourceName[]).flatMap((source) =>
  sinks.flatMap(({ name: sink, broker, transactions }) =>
    sources[source]
      .filter(({ options }) => transactions || options.delivery === undefined)
      .map((way) => ({ ...way, source, sink, broker })),
  ),
);

/** `poll > kafka`: a line in words. */
export function nameOf({ name, sink }: Pick<Line, 'name' | 'sink'>): string {
  return `${name} > ${sink}`;
}

function senselessness({ broker }: Line, fault: FaultName): string | undefined {
  const outside = fault === 'broker killed' || fault === 'broker frozen' || fault === 'network faults';
  if (broker === 'log' && outside) return 'no broker: the log is in the bridge';
  if (broker === 'sqs' && fault === 'broker killed') return 'the server of the tests has its queues in memory';
  return undefined;
}

/** Every line with every fault. */
export const cells: readonly Cell[] = lines.flatMap((line) =>
  faultNames.map((fault) => {
    const senseless = senselessness(line, fault);
    return { line, fault, ...(senseless !== undefined && { senseless }) };
  }),
);

/**
 * What a run of all tests has time for: kills of the bridge for each source and sink, in one of the ways of the source by
 * lot, and one cell of all the others. Over many runs, all come up.
 */
export function drawnCells(seed: number): readonly Cell[] {
  // Not the dice of the moments: a line would always be hit at the same ones.
  const roll = dice(seed + 1_000);
  const draw = (from: readonly Cell[]) => from.slice(Math.floor(roll() * from.length)).slice(0, 1);
  const kills = cells.filter(({ fault }) => fault === 'bridge killed');
  const lots = Map.groupBy(kills, ({ line: { source, sink } }) => `${source} > ${sink}`);
  const drawn = [...lots.values()].flatMap(draw);
  const others = cells.filter(({ fault, senseless }) => fault !== 'bridge killed' && senseless === undefined);
  return [...drawn, ...draw(others)];
}
