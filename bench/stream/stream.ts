import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveResult } from '../support/results.ts';
import { median, spread } from '../support/statistics.ts';
import { markdownTable } from '../support/table.ts';
import { bodyBytes } from './event.ts';
import { logGround } from './log-ground.ts';
import { type Figures, measure } from './measure.ts';
import { openRabbitmqGround } from './rabbitmq-ground.ts';
import type { Subject } from './subject.ts';

export interface StreamOptions {
  readonly sink: 'log' | 'rabbitmq';
  readonly events: number;
  readonly rounds: number;
  /** Ends with a run of the bridge that is not counted, for CPU profiles of it. */
  readonly profile: boolean;
}

/** Reads a stream as fast as it goes: the bare stream and the bridge in turns, medians of the rounds, and ratios. */
export async function benchStream({ sink, events, rounds, profile }: StreamOptions): Promise<void> {
  await using ground = sink === 'log' ? logGround : await openRabbitmqGround();
  const subjects = [ground.bare, ground.bridge];
  const measured = new Map<Subject, Figures[]>(subjects.map((subject) => [subject, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [subject, found] of measured) {
      const figures = await measure(ground, subject, events);
      found.push(figures);
      console.error(`round ${round}  ${subject.name.padEnd(12)}  ${line(figures)}`);
    }
  }
  const rows = Array.from(measured, ([{ name }, rounds]) => summarise(name, rounds));
  const base = rows[0]?.eventsPerSecond ?? Number.NaN;
  const compared = rows.map((row) => ({ ...row, ratio: row.eventsPerSecond / base }));
  await saveResult(ground.name, { benchmark: ground.name, bodyBytes, events, rounds, subjects: compared });
  console.log(table(compared));
  if (!profile) return;
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-profile-'));
  const found = await measure(ground, ground.bridge, events, ['--cpu-prof', `--cpu-prof-dir=${dir}`]);
  console.error(`profiled  ${line(found)}\nprofile in ${dir}`);
}

function line(figures: Figures): string {
  const { eventsPerSecond, cpuUsPerEvent, mainCpuUsPerEvent, upstreamCpuUsPerEvent, peakRssMiB } = figures;
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

function summarise(name: string, rounds: readonly Figures[]): Row {
  const middle = (figure: keyof Figures) => median(rounds.map((round) => round[figure]));
  return {
    name,
    eventsPerSecond: middle('eventsPerSecond'),
    spread: spread(rounds.map((round) => round.eventsPerSecond)),
    cpuUsPerEvent: middle('cpuUsPerEvent'),
    mainCpuUsPerEvent: middle('mainCpuUsPerEvent'),
    peakRssMiB: middle('peakRssMiB'),
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
  ]);
  return markdownTable(['', 'events/s', 'ratio', 'CPU-µs/event', 'on the main thread', 'peak RSS MiB'], cells);
}
