import type { Command } from 'commander';
import type { Operations } from '../operations/operations.ts';
import { addExample, addFileOption, type Cli, type FileOption, reasonArgument } from './cli.ts';
import { confirm } from './confirm.ts';
import { addFilters, chosenLetters, type FilterOptions, refuseUnclear } from './dead-letter-filters.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';

interface Options extends FileOption, FilterOptions {
  readonly reason: string;
  readonly all?: true;
  readonly yes?: true;
}

/** Ids that are closed together. */
const together = 500;

async function discard(cli: Cli, operations: Operations, given: readonly string[], options: Options): Promise<void> {
  const ids: string[] = [];
  for await (const { id } of chosenLetters(operations, given, options)) ids.push(id);
  if (ids.length === 0) return cli.remark('There are no such dead letters.');
  const what = ids.length === 1 ? 'One dead letter' : `${ids.length} dead letters`;
  if (!(await confirm(cli, `${what} will be closed for good, and never be published.`, options.yes === true))) {
    cli.remark('Nothing was discarded.');
    cli.exitCode = 1;
    return;
  }
  let discarded = 0;
  for (let at = 0; at < ids.length; at += together) {
    discarded += await operations.discardDeadLetters(ids.slice(at, at + together), { reason: options.reason });
  }
  const rest = ids.length === discarded ? '' : `; ${ids.length - discarded} had been closed before`;
  cli.print(`${discarded} discarded${rest}`);
}

export function addDiscardLetters(parent: Command, cli: Cli): void {
  const command = addFilters(
    parent
      .command('discard')
      .description('give dead letters up: they are closed, kept for a while, and never published')
      .argument('[id...]', 'their ids, or at least the first six characters'),
  )
    .requiredOption('--reason <text>', 'why, for the audit log', reasonArgument)
    .option('--all', 'all that are not closed')
    .option('--yes', 'do not ask')
    .action(async (ids: readonly string[], options: Options) => {
      refuseUnclear(ids, options);
      const configuration = await readConfiguration(cli, options.config);
      if (configuration === undefined) return;
      await withOperations(cli, configuration, (operations) => discard(cli, operations, ids, options));
    });
  addExample(addFileOption(command), 'dead-letters discard 12bed3 --reason "a test record, says the platform team"');
}
