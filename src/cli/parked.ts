import type { Command } from 'commander';
import type { FeedName } from '../core/batch.ts';
import type { Operations } from '../operations/operations.ts';
import { addExample, addFileOption, type Cli, type FileOption, feedArgument, reasonArgument } from './cli.ts';
import { withOperations } from './open-operations.ts';
import { readConfiguration } from './read-configuration.ts';
import { moment, printable, shortened, table } from './table.ts';

interface ListOptions extends FileOption {
  readonly json?: true;
}

interface ReleaseOptions extends FileOption {
  readonly reason: string;
  readonly to?: string;
  readonly json?: true;
}

function addList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .description('list the keys that are parked, and how many events wait at each')
    .option('--json', 'one JSON array')
    .action(async ({ config, json }: ListOptions) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      await withOperations(cli, configuration, async (operations) => {
        const keys = await operations.parkedKeys();
        if (json) return cli.print(JSON.stringify(keys, null, 2));
        if (keys.length === 0) return cli.remark('No key is parked.');
        const rows = keys.map(({ feed, key, count, since, destination }) => [
          feed,
          shortened(key, 60),
          String(count),
          moment(since),
          destination ?? '-',
        ]);
        for (const line of table(['FEED', 'KEY', 'EVENTS', 'SINCE', 'DESTINATION'], rows)) cli.print(line);
      });
    });
  addExample(addFileOption(command), 'parked list');
}

/** A release goes on in pieces, so that no answer is long in coming. */
async function release(operations: Operations, feed: FeedName, key: string, { reason, to }: ReleaseOptions) {
  let released = 0;
  for (;;) {
    const piece = await operations.releaseKey(feed, { key, reason, to });
    released += piece.released;
    if (piece.outcome !== 'more') return { ...piece, released };
  }
}

function addRelease(parent: Command, cli: Cli): void {
  const command = parent
    .command('release')
    .description('publish what is parked at a key, in order, before anything newer of it, and let the key go')
    .argument('<feed>', 'pipeline/feed', feedArgument)
    .argument('<key>', 'the partition key, as `parked list` shows it')
    .requiredOption('--reason <text>', 'why, for the audit log', reasonArgument)
    .option('--to <destination>', 'publish what is parked for a destination that is gone to this one, by its name')
    .option('--json', 'one JSON object')
    .action(async (feed: FeedName, key: string, options: ReleaseOptions) => {
      const { config, json } = options;
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      cli.subject = feed;
      await withOperations(cli, configuration, async (operations) => {
        const result = await release(operations, feed, key, options);
        const { released, outcome, refused } = result;
        if (outcome === 'refused') cli.exitCode = 1;
        if (json) return cli.print(JSON.stringify({ feed, key, ...result }, null, 2));
        const events = released === 1 ? 'one event' : `${released} events`;
        if (refused === undefined)
          return cli.print(`${feed}  ${events} published; the key ${printable(key)} is released`);
        cli.print(`${feed}  ${events} published; the next one is refused again, and the key stays parked`);
        cli.remark(`${feed}  ${refused.code}  ${printable(refused.reason)}`);
        cli.remark(`Look at it: feedferry dead-letters show ${refused.id}`);
      });
    });
  addExample(
    addFileOption(command),
    'parked release fenergo/journey 12345 --reason "the limit of the topic is raised"',
  );
}

export function addParked(program: Command, cli: Cli): void {
  const parent = program.command('parked').description('keys whose events wait behind one that could not be delivered');
  addList(parent, cli);
  addRelease(parent, cli);
  addExample(parent, 'parked list', 'parked release fenergo/journey 12345 --reason "mended"');
}
