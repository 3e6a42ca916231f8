import type { Command } from 'commander';
import type { BatchReceipt } from '../core/archive.ts';
import { addExample, addFileOption, type Cli, type FileOption, wholeNumber } from './cli.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';
import { moment, printable, shortened } from './table.ts';

interface Options extends FileOption {
  readonly limit: number;
  readonly json?: true;
}

/** Enough of what can be long. */
const idWidth = 60;

function linesOf({ feed, batchId, fetchedAt, publishedAt, completedAt, events }: BatchReceipt): readonly string[] {
  return [
    `${feed}  batch ${batchId === '' ? '-' : printable(batchId)}`,
    `  fetched    ${moment(fetchedAt)}`,
    `  published  ${moment(publishedAt)}`,
    `  completed  ${completedAt === null ? 'open' : moment(completedAt)}`,
    ...events.map(({ id, destination, receipt }) => {
      const place = Object.entries(receipt).map(([name, value]) => `${name}=${value}`);
      return `  ${shortened(id, idWidth)}  ${printable(`${destination}  ${place.join(' ')}`)}`;
    }),
  ];
}

export function addTrace(program: Command, cli: Cli): void {
  const command = program
    .command('trace')
    .description('say when an event was fetched, where it was published and when its batch was completed')
    .argument('<id>', 'of an event, a batch, or the correlation id of events')
    .option('--limit <n>', 'at most so many batches', wholeNumber(1, 10_000), 20)
    .option('--json', 'one JSON array')
    .action(async (text: string, { config, json, limit }: Options) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      await withOperations(cli, configuration, async (operations) => {
        const batches = await operations.trace(text, limit);
        if (json) cli.print(JSON.stringify(batches, null, 2));
        else for (const line of batches.flatMap(linesOf)) cli.print(line);
        if (batches.length > 0) return;
        cli.exitCode = 1;
        const days = Math.round(configuration.state.keepReceiptsMs / 86_400_000);
        cli.remark(`Nothing is known of ${printable(text)}. Receipts are kept for ${days} days.`);
      });
    });
  addExample(addFileOption(command), 'trace 25faa70a-5b09-5ad8-a427-a034f31a5dd6', 'trace 1642925639481 --json');
}
