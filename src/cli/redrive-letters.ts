import type { Command } from 'commander';
import { BridgeError, type ErrorCode } from '../core/errors.ts';
import type { Operations } from '../operations/operations.ts';
import type { Redriven } from '../operations/redrive.ts';
import { addExample, addFileOption, type Cli, type FileOption } from './cli.ts';
import { addFilters, chosenLetters, type FilterOptions, refuseUnclear } from './dead-letter-filters.ts';
import { idWidth } from './dead-letter-view.ts';
import { errorReport } from './error-report.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';
import { printable } from './table.ts';

interface Options extends FileOption, FilterOptions {
  readonly all?: true;
  readonly outOfOrder?: true;
  readonly dryRun?: true;
  readonly to?: string;
}

/** What is so with one dead letter, while others can be redriven all the same. */
const itsOwn: readonly ErrorCode[] = ['USAGE', 'BATCH_UNREADABLE', 'DESTINATION_MISSING', 'FEED_UNKNOWN'];

const words: Readonly<Record<Redriven['outcome'], string>> = {
  redriven: 'redriven',
  filtered: 'closed',
  closed: 'was closed before, nothing was done',
  refused: 'refused again, and stays open',
  ready: 'would be published',
};

function lineOf({ id, outcome, about, code }: Redriven): string {
  const said = [code, printable(about)].filter((part) => part !== undefined && part !== '').join('  ');
  return `${id.slice(0, idWidth)}  ${words[outcome]}${said === '' ? '' : `: ${said}`}`;
}

async function redrive(cli: Cli, operations: Operations, ids: readonly string[], options: Options): Promise<void> {
  const redriving = { outOfOrder: options.outOfOrder === true, dryRun: options.dryRun === true, to: options.to };
  const counts = new Map<string, number>();
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  for await (const { id } of chosenLetters(operations, ids, { ...options, status: ['open'] })) {
    try {
      const result = await operations.redrive(id, redriving);
      count(words[result.outcome].replace(/,.*/, ''));
      if (result.outcome === 'refused') cli.exitCode = 1;
      cli.print(lineOf(result));
    } catch (error) {
      if (ids.length === 1 || !(error instanceof BridgeError && itsOwn.includes(error.code))) throw error;
      count('not tried');
      cli.exitCode = 1;
      cli.remark(errorReport(id.slice(0, idWidth), error, { stack: false }));
    }
  }
  if (counts.size === 0) cli.remark('There are no such dead letters.');
  else if (ids.length !== 1) cli.remark([...counts].map(([what, number]) => `${number} ${what}`).join('; '));
}

export function addRedrive(parent: Command, cli: Cli): void {
  const command = addFilters(
    parent
      .command('redrive')
      .description('publish dead letters again, by the present configuration, with the ids and keys that they had')
      .argument('[id...]', 'their ids, or at least the first six characters'),
  )
    .option('--all', 'all that are open')
    .option('--out-of-order', 'although consumers have what came after them already')
    .option('--to <destination>', 'publish what a destination lacks that is gone to this one, by its name')
    .option('--dry-run', 'only say what would be published; steps that ask upstream are left out')
    .action(async (ids: readonly string[], options: Options) => {
      refuseUnclear(ids, options);
      const configuration = await readConfiguration(cli, options.config);
      if (configuration === undefined) return;
      await withOperations(cli, configuration, (operations) => redrive(cli, operations, ids, options));
    });
  addExample(
    addFileOption(command),
    'dead-letters redrive 12bed3 --out-of-order',
    'dead-letters redrive --code EVENT_TOO_LARGE --since 24h --out-of-order --dry-run',
  );
}
