import { styleText } from 'node:util';
import { readLog } from '../src/sinks/log/read-log.ts';
import type { Verdict } from './verdict.ts';

const number = new Intl.NumberFormat('en');

/** What became of the events, in two lines. */
export function summary(verdict: Verdict, asPromised: boolean): readonly string[] {
  const { sent, published, completed, doubled, lost, strange, reordered, early } = verdict;
  const counts = Object.entries({ 'events sent': sent, published, completed, doubled, lost })
    .map(([name, count]) => `${name} ${number.format(count)}`)
    .join(' · ');
  const detail = asPromised
    ? 'By the platform’s ledger and the log files: in order, none completed early.'
    : `Not as promised: ${strange} never sent, ${reordered} feeds out of order, ${early} completed early.`;
  return [styleText(['bold', asPromised ? 'green' : 'red'], counts), detail];
}

function shortened(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

interface Sample {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly data: unknown;
}

async function sample(dir: string, topic: string, columns: number): Promise<readonly string[]> {
  for await (const { line, offset } of readLog(dir, topic)) {
    const { id, source, type, data } = JSON.parse(line) as Sample;
    const rows = Object.entries({ id, source, data: JSON.stringify(data) });
    return [
      `  ${styleText('bold', type)}, ${topic} @ ${offset}`,
      ...rows.map(([name, value]) => `    ${name.padEnd(7)} ${shortened(value, columns - 13)}`),
    ];
  }
  return [];
}

/** Two events as they stand in the log, shortened. */
export async function samples(dir: string, columns: number): Promise<readonly string[]> {
  return [
    'Two of the events, as they stand in the log (shortened):',
    ...(await sample(dir, 'journey', columns)),
    ...(await sample(dir, 'document', columns)),
  ];
}

/** What to try next. */
export const next: readonly string[] = [
  'Now you:',
  '  npm run feedferry -- sim fenergo                   a platform like this',
  '  npm run feedferry -- run -c config/simulator.yaml  in another terminal',
  '  npm run feedferry -- --help                        all commands',
];
