import type { Command } from 'commander';
import type { SpoolState } from '../core/spool.ts';
import { addExample, addFileOption, type Cli, type FileOption } from './cli.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';
import { moment, printable, table } from './table.ts';

interface Options extends FileOption {
  readonly json?: true;
}

function size(bytes: number): string {
  return bytes < 1024 ** 2 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

function timeToFull(ms: number | undefined): string {
  if (ms === undefined) return 'it does not grow';
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'full in less than a minute';
  if (minutes < 120) return `full in ${minutes} min at the present rate`;
  return `full in ${Math.round(minutes / 60)} h at the present rate`;
}

/** Where nothing goes in, nothing grows. */
const standstill: readonly SpoolState['refusing'][] = ['full', 'disk'];

const refusals = {
  full: 'It takes no more: it is full.',
  'too-old': 'It takes no more of feeds whose oldest record is older than state.spool.maxAge.',
  disk: 'It takes no more: the disk cannot be written.',
} as const;

function linesOf({ bytes, maxBytes, timeToFullMs, refusing, feeds, quarantined }: SpoolState): readonly string[] {
  const rows = feeds.map(({ feed, records, bytes: of, oldestAt, accepted, released, gaps }) => [
    feed,
    String(records),
    size(of),
    moment(oldestAt ?? null),
    String(accepted),
    String(released),
    String(gaps),
  ]);
  return [
    ...(rows.length === 0
      ? ['Nothing was ever spooled.']
      : table(['FEED', 'RECORDS', 'SIZE', 'OLDEST', 'ACCEPTED', 'RELEASED', 'LOST'], rows)),
    `${size(bytes)} of ${size(maxBytes)}${standstill.includes(refusing) ? '' : `; ${timeToFull(timeToFullMs)}`}`,
    ...(refusing === undefined ? [] : [refusals[refusing]]),
    ...quarantined.map((file) => `damaged, kept for analysis: ${printable(file)}`),
  ];
}

export function addSpool(program: Command, cli: Cli): void {
  const command = program
    .command('spool')
    .description('say what waits in the spool, and when it will be full')
    .option('--json', 'one JSON object')
    .action(async ({ config, json }: Options) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      await withOperations(cli, configuration, async (operations) => {
        const state = await operations.spool();
        if (json) cli.print(JSON.stringify(state, null, 2));
        else for (const line of linesOf(state)) cli.print(line);
      });
    });
  addExample(addFileOption(command), 'spool', 'spool --json');
}
