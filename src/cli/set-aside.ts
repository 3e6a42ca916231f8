import type { Command } from 'commander';
import type { FeedName } from '../core/batch.ts';
import { addExample, addFileOption, type Cli, type FileOption, feedArgument, reasonArgument } from './cli.ts';
import { confirm } from './confirm.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';

interface Options extends FileOption {
  readonly reason: string;
  readonly batchId?: string;
  readonly yes?: true;
}

export function addSetAside(program: Command, cli: Cli): void {
  const command = program
    .command('set-aside')
    .description('move the open batch of a feed into the dead letters, and complete it upstream')
    .argument('<feed>', 'pipeline/feed', feedArgument)
    .requiredOption('--reason <text>', 'why, for the dead letter and the audit log', reasonArgument)
    .option('--batch-id <id>', 'for a batch that cannot be read and does not name itself')
    .option('--yes', 'do not ask')
    .action(async (feed: FeedName, options: Options) => {
      const configuration = await readConfiguration(cli, options.config);
      if (configuration === undefined) return;
      cli.subject = feed;
      const question = `The open batch of ${feed} will be kept here as a dead letter, and never be handed out again upstream.`;
      if (!(await confirm(cli, question, options.yes === true))) {
        cli.remark('Nothing was changed.');
        cli.exitCode = 1;
        return;
      }
      const { reason, batchId } = options;
      await withOperations(cli, configuration, async (operations) => {
        const result = await operations.setAside(feed, { reason, ...(batchId === undefined ? {} : { batchId }) });
        cli.print(`${feed}  batch ${result.batchId} set aside and completed`);
        cli.print(`Look at it: feedferry dead-letters show ${result.deadLetterId}`);
      });
    });
  addExample(addFileOption(command), 'set-aside fenergo/journey --reason "truncated since Monday, ticket 4711"');
}
