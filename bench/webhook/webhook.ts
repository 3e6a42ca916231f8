import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KafkaClientName } from '../support/bare-kafka.ts';
import { saveResult } from '../support/results.ts';
import { openKafkaGround } from './kafka-ground.ts';
import { logGround } from './log-ground.ts';
import { type Figures, measure } from './measure.ts';
import { bodyBytes } from './request.ts';
import type { Case, Ground, Subject } from './subject.ts';
import { toRows, toTable } from './summary.ts';

export interface WebhookOptions {
  readonly sink: 'log' | 'kafka';
  readonly client: KafkaClientName;
  /** Numbers of senders that are measured. */
  readonly connections: readonly number[];
  /** That each subject is measured in a case and a round, after its warm-up. */
  readonly seconds: number;
  readonly rounds: number;
  /** Path of the program that is measured beside the two. */
  readonly yardstick: string | undefined;
  /** Ends with a run of the bridge for each case that is not counted, for CPU profiles of it. */
  readonly profile: boolean;
}

function casesOf(connections: readonly number[]): readonly Case[] {
  return connections.flatMap((count, at) => {
    const signed = { connections: count, signed: true } as const;
    return [
      { name: `${count}, unsigned`, connections: count, signed: false, fields: 'pointers' },
      { name: `${count}, signed`, ...signed, fields: 'pointers' },
      ...(at === 0 ? [{ name: `${count}, signed, JSONata`, ...signed, fields: 'jsonata' } as const] : []),
    ];
  });
}

/** Requests of 1 KiB: the bare handler, the bridge and perhaps the yardstick in turns, medians of the rounds, and ratios. */
export async function benchWebhook(options: WebhookOptions): Promise<void> {
  const { sink, client, connections, seconds, rounds, yardstick, profile } = options;
  await using ground = sink === 'log' ? logGround : await openKafkaGround(client, yardstick);
  const subjects = [ground.bare, ground.bridge, ...ground.others];
  const turns = casesOf(connections).map((what) => ({
    what,
    measured: new Map<Subject, Figures[]>(
      subjects.filter((subject) => subject.takesPart?.(what) ?? true).map((subject) => [subject, []]),
    ),
  }));
  // So that the broker too has compiled what it needs.
  for (const { what, measured } of turns.slice(0, 1)) {
    for (const subject of measured.keys()) await measure(ground, subject, what, Math.min(seconds, 2));
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { what, measured } of turns) {
      for (const [subject, found] of measured) {
        const figures = await measure(ground, subject, what, seconds);
        found.push(figures);
        console.error(`round ${round}  ${what.name.padEnd(20)} ${subject.name.padEnd(12)}  ${line(figures)}`);
      }
    }
  }
  const rows = turns.flatMap(({ what, measured }) => toRows(what, measured));
  await saveResult(ground.name, { benchmark: ground.name, bodyBytes, seconds, rounds, cases: rows });
  console.log(toTable(rows));
  if (profile) for (const { what } of turns) await profileBridge(ground, what, seconds);
}

async function profileBridge(ground: Ground, what: Case, seconds: number) {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-profile-'));
  const found = await measure(ground, ground.bridge, what, seconds, ['--cpu-prof', `--cpu-prof-dir=${dir}`]);
  console.error(`profiled  ${what.name}  ${line(found)}\nprofile in ${dir}`);
}

function line(figures: Figures): string {
  const { requestsPerSecond, p50Ms, p99Ms, cpuUsPerRequest, mainCpuUsPerRequest, peakRssMiB } = figures;
  return (
    `${requestsPerSecond.toFixed(0)} requests/s  p50 ${p50Ms.toFixed(1)} ms  p99 ${p99Ms.toFixed(1)} ms  ` +
    `${cpuUsPerRequest.toFixed(1)} CPU-µs (main thread ${mainCpuUsPerRequest.toFixed(1)}, ` +
    `senders ${figures.sendersCpuUsPerRequest.toFixed(1)})  ${peakRssMiB.toFixed(0)} MiB`
  );
}
