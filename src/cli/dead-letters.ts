import type { Command } from 'commander';
import { addExample, addFileOption, type Cli, type FileOption, wholeNumber } from './cli.ts';
import { addFilters, addStatus, type FilterOptions, filterOf } from './dead-letter-filters.ts';
import { deadLetterJson, deadLetterRow, deadLetterView } from './dead-letter-view.ts';
import { addDiscardLetters } from './discard-letters.ts';
import { addExport } from './export-letters.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';
import { addRedrive } from './redrive-letters.ts';
import { table } from './table.ts';

interface ListOptions extends FileOption, FilterOptions {
  readonly limit: number;
  readonly json?: true;
}

interface ShowOptions extends FileOption {
  readonly raw?: true;
}

function addList(parent: Command, cli: Cli): void {
  const command = addStatus(addFilters(parent.command('list').description('list dead letters, oldest first')))
    .option('--limit <n>', 'at most so many', wholeNumber(1, 10_000), 100)
    .option('--json', 'one JSON array')
    .action(async ({ config, json, limit, ...filter }: ListOptions) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      await withOperations(cli, configuration, async (operations) => {
        const letters = await operations.deadLetters({ ...filterOf(filter), limit });
        if (json) return cli.print(JSON.stringify(letters.map(deadLetterJson), null, 2));
        if (letters.length === 0) return cli.remark('There are no dead letters.');
        const heads = ['ID', 'STATUS', 'FEED', 'CODE', 'BATCH', 'INDEX', 'LAST', 'REASON'];
        for (const line of table(heads, letters.map(deadLetterRow))) cli.print(line);
        if (letters.length === limit) cli.remark(`There may be more: --limit ${limit * 2}`);
      });
    });
  addExample(addFileOption(command), 'dead-letters list --feed fenergo/journey --code RECORD_WITHOUT_ID');
}

function addShow(parent: Command, cli: Cli): void {
  const command = parent
    .command('show')
    .description('show one dead letter with its original bytes')
    .argument('<id>', 'its id, or at least the first six characters')
    .option('--raw', 'write nothing but the original bytes')
    .action(async (id: string, { config, raw }: ShowOptions) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      await withOperations(cli, configuration, async (operations) => {
        const letter = await operations.deadLetter(id);
        if (raw) cli.host.stdout.write(letter.record.bytes);
        else for (const line of deadLetterView(letter)) cli.print(line);
      });
    });
  addExample(addFileOption(command), 'dead-letters show 12bed3', 'dead-letters show 12bed3 --raw > record.json');
}

export function addDeadLetters(program: Command, cli: Cli): void {
  const parent = program.command('dead-letters').description('records that could not be delivered, and were kept');
  addList(parent, cli);
  addShow(parent, cli);
  addRedrive(parent, cli);
  addDiscardLetters(parent, cli);
  addExport(parent, cli);
  addExample(parent, 'dead-letters list', 'dead-letters show 12bed3');
}
