import type { Command } from 'commander';
import type { FeedName } from '../core/batch.ts';
import { addExample, addFileOption, type Cli, type FileOption, feedArgument, wholeNumber } from './cli.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';
import { moment, shortened, table } from './table.ts';

interface Options extends FileOption {
  readonly feed?: FeedName;
  readonly limit: number;
  readonly json?: true;
}

export function addLedger(program: Command, cli: Cli): void {
  const command = program
    .command('ledger')
    .description('list published batches, newest first')
    .option('--feed <feed>', 'only of this pipeline/feed', feedArgument)
    .option('--limit <n>', 'at most so many', wholeNumber(1, 10_000), 50)
    .option('--json', 'one JSON array')
    .action(async ({ config, json, feed, limit }: Options) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      await withOperations(cli, configuration, async (operations) => {
        const entries = await operations.ledger({ ...(feed === undefined ? {} : { feed }), limit });
        if (json) return cli.print(JSON.stringify(entries, null, 2));
        if (entries.length === 0) return cli.remark('The ledger is empty.');
        const rows = entries.map((entry) => [
          entry.feed,
          shortened(entry.batchId, 40),
          String(entry.events),
          moment(entry.publishedAt),
          entry.completedAt === null ? 'open' : moment(entry.completedAt),
          entry.whereabouts,
        ]);
        for (const line of table(['FEED', 'BATCH', 'EVENTS', 'PUBLISHED', 'COMPLETED', 'WHERE'], rows)) cli.print(line);
      });
    });
  addExample(addFileOption(command), 'ledger --feed fenergo/journey --limit 20');
}
