import type { DrainOptions } from '../drain.ts';

/** How a source is run, as the configuration says it. */
interface Way {
  readonly name: string;
  readonly options: Pick<DrainOptions, 'ack' | 'delivery'>;
}

/** `transactions`: whether the configuration accepts `delivery: exactly-once` into it. */
interface SinkKind {
  readonly name: SinkName;
  readonly transactions: boolean;
}

export type SinkName = 'log' | 'kafka' | 'kafka (kafkajs)' | 'rabbitmq' | 'sqs' | 'sqs fifo';
export const faultNames = ['bridge killed', 'bridge stopped', 'clock jumps'] as const;
export type FaultName = (typeof faultNames)[number];

/** A source kind, run in one way, into one sink. */
export interface Line extends Way {
  readonly source: string;
  readonly sink: SinkName;
}

export interface Cell {
  readonly line: Line;
  readonly fault: FaultName;
  /** Whether every run of the tests has it; the others are for `npm run test:crash`, and for full size. */
  readonly always: boolean;
}

const sinks: readonly SinkKind[] = [
  { name: 'log', transactions: false },
  { name: 'kafka', transactions: true },
  { name: 'kafka (kafkajs)', transactions: false },
  { name: 'rabbitmq', transactions: false },
  { name: 'sqs', transactions: false },
  { name: 'sqs fifo', transactions: false },
];

/** The ways of each source kind. */
const sources: Readonly<Record<string, readonly Way[]>> = {
  poll: [
    { name: 'poll', options: {} },
    { name: 'poll, ack: spool', options: { ack: 'spool' } },
    { name: 'poll, exactly-once', options: { delivery: 'exactly-once' } },
    { name: 'poll, ack: spool, exactly-once', options: { ack: 'spool', delivery: 'exactly-once' } },
  ],
};

const lines: readonly Line[] = Object.entries(sources).flatMap(([source, ways]) =>
  sinks.flatMap((sink) =>
    ways
      .filter(({ options }) => sink.transactions || options.delivery === undefined)
      .map((way) => ({ ...way, source, sink: sink.name })),
  ),
);

/** `poll, ack: spool > kafka` */
export function nameOf({ name, sink }: Line): string {
  return `${name} > ${sink}`;
}

/** Kills at every line; every other fault at one line of each sink. */
export const cells: readonly Cell[] = lines.flatMap((line) =>
  faultNames.map((fault) => ({
    line,
    fault,
    always: fault === 'bridge killed' || (line.name === 'poll' && line.sink !== 'kafka (kafkajs)'),
  })),
);
