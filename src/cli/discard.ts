import type { Command } from 'commander';
import type { FeedName } from '../core/batch.ts';
import type { Operations } from '../operations/operations.ts';
import { addExample, addFileOption, type Cli, type FileOption, feedArgument, reasonArgument } from './cli.ts';
import { confirm } from './confirm.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';
import { saveOpenBatch, whilePaused } from './save-open-batch.ts';

interface Options extends FileOption {
  readonly reason: string;
  readonly save?: string;
  readonly yes?: true;
}

const proofs = {
  empty: 'upstream says that nothing waits',
  'newer-batch': 'what waits now is newer than the discard',
} as const;

async function discard(cli: Cli, operations: Operations, feed: FeedName, { reason, save }: Options): Promise<void> {
  const act = async () => {
    const { attempts, proof } = await operations.discard(feed, { reason });
    const calls = attempts === 1 ? 'one call' : `${attempts} calls`;
    cli.print(`${feed}  discarded with ${calls}; proof: ${proofs[proof]}`);
  };
  if (save === undefined) return act();
  await whilePaused(operations, feed, reason, async () => {
    cli.print(`${feed}  ${await saveOpenBatch(operations, feed, save)}`);
    await act();
  });
}

export function addDiscard(program: Command, cli: Cli): void {
  const command = program
    .command('discard')
    .description('drop everything that waits upstream in a feed, and prove it')
    .argument('<feed>', 'pipeline/feed', feedArgument)
    .requiredOption('--reason <text>', 'why, for the audit log', reasonArgument)
    .option('--save <file>', 'first write the open batch to this new file')
    .option('--yes', 'do not ask')
    .action(async (feed: FeedName, options: Options) => {
      const configuration = await readConfiguration(cli, options.config);
      if (configuration === undefined) return;
      cli.subject = feed;
      const question = `Everything that waits in ${feed} will be dropped upstream. It can never be read again.`;
      if (!(await confirm(cli, question, options.yes === true))) {
        cli.remark('Nothing was discarded.');
        cli.exitCode = 1;
        return;
      }
      await withOperations(cli, configuration, (operations) => discard(cli, operations, feed, options));
    });
  addExample(
    addFileOption(command),
    'discard fenergo/journey --reason "test data of the migration" --save open-batch.json',
  );
}
