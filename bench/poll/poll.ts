import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KafkaClientName } from '../support/bare-kafka.ts';
import { saveResult } from '../support/results.ts';
import { median, spread } from '../support/statistics.ts';
import { markdownTable } from '../support/table.ts';
import { openKafkaGround } from './kafka-ground.ts';
import { logGround } from './log-ground.ts';
import { type Figures, measure } from './measure.ts';
import type { Ground, Subject } from './subject.ts';

export interface PollOptions {
  readonly sink: 'log' | 'kafka';
  readonly client: KafkaClientName;
  /** Path of the program that is measured beside the two. */
  readonly yardstick: string | undefined;
  /** Per feed. */
  readonly events: number;
  readonly rounds: number;
  /** Whether the bridge is measured without receipts and raw batches too. */
  readonly archive: boolean;
  /** Ends with a run of the bridge that is not counted, for a CPU profile of it. */
  readonly profile: boolean;
}

/** Enough for the broker too to have compiled what it needs. */
const warmUpEvents = 5_000;

/** Drains six feeds: the bare loop, the bridge and perhaps the yardstick in turns, medians of the rounds, and ratios. */
export async function benchPoll({
  sink,
  client,
  yardstick,
  events,
  rounds,
  archive,
  profile,
}: PollOptions): Promise<void> {
  await using ground = sink === 'log' ? logGround : await openKafkaGround(client, yardstick);
  const subjects = [ground.bare, ground.bridge, ...(archive ? [withoutArchive(ground.bridge)] : []), ...ground.others];
  const measured = new Map<Subject, Figures[]>(subjects.map((subject) => [subject, []]));
  for (const subject of subjects) await measure(ground, subject, Math.min(events, warmUpEvents));
  for (let round = 1; round <= rounds; round++) {
    for (const subject of subjects) {
      const found = await measure(ground, subject, events);
      measured.get(subject)?.push(found);
      console.error(`round ${round}  ${subject.name.padEnd(10)}  ${line(found)}`);
    }
  }
  const rows = subjects.map((subject) => summarise(subject, measured));
  const base = rows[0]?.eventsPerSecond ?? Number.NaN;
  const summary = { benchmark: ground.name, feeds: 6, eventsPerFeed: events, rounds };
  const compared = rows.map((row) => ({ ...row, ratio: row.eventsPerSecond / base }));
  await saveResult(ground.name, { ...summary, subjects: compared });
  console.log(table(compared));
  if (profile) await profileBridge(ground, events);
}

function withoutArchive(bridge: Subject): Subject {
  const preload = ['--import', join(import.meta.dirname, 'no-archive.ts')];
  return {
    name: 'no archive',
    start: (baseUrl, place, dir, nodeOptions = []) => bridge.start(baseUrl, place, dir, [...preload, ...nodeOptions]),
    read: (place) => bridge.read(place),
  };
}

async function profileBridge(ground: Ground, events: number) {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-profile-'));
  const found = await measure(ground, ground.bridge, events, ['--cpu-prof', `--cpu-prof-dir=${dir}`]);
  console.error(`profiled  ${line(found)}\nprofile in ${dir}`);
}

function line({
  eventsPerSecond,
  cpuUsPerEvent,
  mainCpuUsPerEvent,
  peakRssMiB,
  upstreamCpuUsPerEvent,
}: Figures): string {
  return (
    `${eventsPerSecond.toFixed(0)} events/s  ${cpuUsPerEvent.toFixed(1)} CPU-µs/event ` +
    `(main thread ${mainCpuUsPerEvent.toFixed(1)}, upstream ${upstreamCpuUsPerEvent.toFixed(1)})  ${peakRssMiB.toFixed(0)} MiB`
  );
}

interface Row extends Figures {
  readonly name: string;
  /** Of the events per second. */
  readonly spread: number;
}

function summarise(subject: Subject, measured: ReadonlyMap<Subject, readonly Figures[]>): Row {
  const rounds = measured.get(subject) ?? [];
  const middle = (figure: keyof Figures) => median(rounds.map((round) => round[figure]));
  return {
    name: subject.name,
    eventsPerSecond: middle('eventsPerSecond'),
    spread: spread(rounds.map((round) => round.eventsPerSecond)),
    cpuUsPerEvent: middle('cpuUsPerEvent'),
    mainCpuUsPerEvent: middle('mainCpuUsPerEvent'),
    peakRssMiB: middle('peakRssMiB'),
    brokerCpuUsPerEvent: middle('brokerCpuUsPerEvent'),
    upstreamCpuUsPerEvent: middle('upstreamCpuUsPerEvent'),
  };
}

function table(rows: readonly (Row & { readonly ratio: number })[]): string {
  const cells = rows.map((row) => [
    row.name,
    row.eventsPerSecond.toFixed(0),
    row.ratio.toFixed(2),
    row.cpuUsPerEvent.toFixed(1),
    row.mainCpuUsPerEvent.toFixed(1),
    row.peakRssMiB.toFixed(0),
    Number.isNaN(row.brokerCpuUsPerEvent) ? '–' : row.brokerCpuUsPerEvent.toFixed(1),
  ]);
  const head = [
    '',
    'events/s',
    'ratio',
    'CPU-µs/event',
    'on the main thread',
    'peak RSS MiB',
    'CPU-µs/event of the broker',
  ];
  return markdownTable(head, cells);
}
