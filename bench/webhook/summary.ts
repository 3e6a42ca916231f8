import { median, spread } from '../support/statistics.ts';
import { markdownTable } from '../support/table.ts';
import type { Figures } from './measure.ts';
import type { Case, Subject } from './subject.ts';

/** One subject in one case, as it is kept: medians of the rounds. */
export interface Row extends Figures {
  readonly case: string;
  readonly subject: string;
  /** Of the requests per second. */
  readonly spread: number;
  /** To the first subject of the case. */
  readonly ratio: number;
}

/** In order of the subjects, of which the first is what the others are compared with. */
export function toRows(what: Case, measured: ReadonlyMap<Subject, readonly Figures[]>): readonly Row[] {
  const middles = Array.from(measured, ([{ name }, rounds]) => {
    const middle = (figure: keyof Figures) => median(rounds.map((round) => round[figure]));
    return {
      case: what.name,
      subject: name,
      requestsPerSecond: middle('requestsPerSecond'),
      spread: spread(rounds.map((round) => round.requestsPerSecond)),
      p50Ms: middle('p50Ms'),
      p99Ms: middle('p99Ms'),
      cpuUsPerRequest: middle('cpuUsPerRequest'),
      mainCpuUsPerRequest: middle('mainCpuUsPerRequest'),
      peakRssMiB: middle('peakRssMiB'),
      brokerCpuUsPerRequest: middle('brokerCpuUsPerRequest'),
      sendersCpuUsPerRequest: middle('sendersCpuUsPerRequest'),
    };
  });
  const base = middles[0]?.requestsPerSecond ?? Number.NaN;
  return middles.map((row) => ({ ...row, ratio: row.requestsPerSecond / base }));
}

const number = (digits: number, value: number) => (Number.isNaN(value) ? '–' : value.toFixed(digits));

export function toTable(rows: readonly Row[]): string {
  const head = [
    'connections',
    '',
    'requests/s',
    'ratio',
    'p50 ms',
    'p99 ms',
    'CPU-µs/request',
    'on the main thread',
    'peak RSS MiB',
    'CPU-µs/request of the broker',
  ];
  const cells = rows.map((row) => [
    row.case,
    row.subject,
    number(0, row.requestsPerSecond),
    number(2, row.ratio),
    number(1, row.p50Ms),
    number(1, row.p99Ms),
    number(1, row.cpuUsPerRequest),
    number(1, row.mainCpuUsPerRequest),
    number(0, row.peakRssMiB),
    number(1, row.brokerCpuUsPerRequest),
  ]);
  return markdownTable(head, cells);
}
