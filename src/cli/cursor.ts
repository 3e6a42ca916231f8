import type { Command } from 'commander';
import type { FeedName } from '../core/batch.ts';
import { addExample, addFileOption, type Cli, type FileOption, feedArgument, reasonArgument } from './cli.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';
import { moment, printable, table } from './table.ts';

interface ShowOptions extends FileOption {
  readonly json?: true;
}

interface SetOptions extends FileOption {
  readonly reason: string;
}

function addShow(parent: Command, cli: Cli): void {
  const command = parent
    .command('show')
    .description('list the acknowledged positions')
    .option('--json', 'one JSON array')
    .action(async ({ config, json }: ShowOptions) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      await withOperations(cli, configuration, async (operations) => {
        const cursors = await operations.cursors();
        if (json) return cli.print(JSON.stringify(cursors, null, 2));
        if (cursors.length === 0) return cli.remark('No feed has a position yet.');
        const rows = cursors.map(({ feed, position, setAt }) => [feed, moment(setAt), printable(position)]);
        for (const line of table(['FEED', 'SET', 'POSITION'], rows)) cli.print(line);
      });
    });
  addExample(addFileOption(command), 'cursor show');
}

function addSet(parent: Command, cli: Cli): void {
  const command = parent
    .command('set')
    .description('go on from another position: events after it come (again), those before it never')
    .argument('<feed>', 'pipeline/feed', feedArgument)
    .argument('<position>', 'as the upstream writes it')
    .requiredOption('--reason <text>', 'why, for the audit log', reasonArgument)
    .action(async (feed: FeedName, position: string, { config, reason }: SetOptions) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      cli.subject = feed;
      await withOperations(cli, configuration, async (operations) => {
        await operations.setCursor(feed, position, reason);
        cli.print(`${feed}  goes on from ${printable(position)}`);
      });
    });
  addExample(addFileOption(command), 'cursor set tickets/all 881042 --reason "again from Monday"');
}

export function addCursor(program: Command, cli: Cli): void {
  const parent = program.command('cursor').description('positions of feeds that are read by cursor');
  addShow(parent, cli);
  addSet(parent, cli);
  addExample(parent, 'cursor show');
}
