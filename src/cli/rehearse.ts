import type { Command } from 'commander';
import type { Configuration } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import type { Operations } from '../operations/operations.ts';
import type { Change, Difference } from '../rehearse/difference.ts';
import type { RehearsedFeed } from '../rehearse/plan.ts';
import { addExample, addFileOption, type Cli, defaultFile, type FileOption, wholeNumber } from './cli.ts';
import { agoArgument } from './moments.ts';
import { withOperations } from './open-operations.ts';
import { rawBatchesOf } from './raw-batches.ts';
import { readConfiguration } from './read-configuration.ts';
import { printable } from './table.ts';

interface Options extends FileOption {
  readonly before: string;
  readonly against: number;
  readonly examples: number;
  readonly json?: true;
  readonly exitCode?: true;
}

const words: Readonly<Record<Change, string>> = {
  new: 'new',
  gone: 'gone',
  destination: 'to another destination',
  address: 'with another key',
  content: 'with other content',
};

function isChanged({ changes, poison }: Difference): boolean {
  return Object.values(changes).some((count) => count > 0) || poison.before !== poison.after;
}

function linesOf(feed: FeedName, difference: Difference): readonly string[] {
  const { batches, records, events, filtered, poison, changes, examples } = difference;
  const changed = (Object.keys(words) as Change[]).filter((change) => changes[change] > 0);
  const said = changed.map((change) => `${changes[change]} ${words[change]}`).join(', ');
  return [
    `${feed}  ${batches} batches, ${records} records: ${said === '' ? 'the same events' : said}`,
    ...(['before', 'after'] as const).map(
      (side) =>
        `  ${side.padEnd(7)} ${events[side]} events, ${filtered[side]} filtered, ${poison[side]} would be dead letters`,
    ),
    ...examples.map(({ change, id, before = '-', after = '-' }) =>
      printable(`  ${words[change]}: ${id}  ${before} → ${after}`),
    ),
  ];
}

async function compareFeed(
  operations: Operations,
  [before, after]: readonly [RehearsedFeed, RehearsedFeed],
  { against, examples }: Options,
): Promise<Difference> {
  const [{ planBatch }, { createComparison }] = await Promise.all([
    import('../rehearse/plan.ts'),
    import('../rehearse/difference.ts'),
  ]);
  const comparison = createComparison(examples);
  const { signal } = new AbortController();
  const to = new Date();
  const time = { from: new Date(to.getTime() - against), to };
  for await (const raw of rawBatchesOf(operations, before.feed, time)) {
    comparison.add(raw.records.length, await planBatch(before, raw, signal), await planBatch(after, raw, signal));
  }
  return comparison.difference;
}

async function rehearse(cli: Cli, configurations: readonly [Configuration, Configuration], options: Options) {
  const [running, planned] = configurations;
  const { openRehearsedFeeds } = await import('../rehearse/open-feeds.ts');
  await using resources = new AsyncDisposableStack();
  const before = await openRehearsedFeeds(running, resources);
  const after = await openRehearsedFeeds(planned, resources);
  const differences: (Difference & { readonly feed: FeedName })[] = [];
  await withOperations(cli, running, async (operations) => {
    for (const [feed, old] of before) {
      const next = after.get(feed);
      if (next === undefined) cli.remark(`${feed}  is not in ${planned.file}: nothing of it would be published`);
      else differences.push({ feed, ...(await compareFeed(operations, [old, next], options)) });
    }
  });
  for (const feed of after.keys()) {
    if (!before.has(feed)) cli.remark(`${feed}  is new: there is nothing of it to rehearse with`);
  }
  if (options.json) cli.print(JSON.stringify(differences, null, 2));
  else for (const { feed, ...difference } of differences) for (const line of linesOf(feed, difference)) cli.print(line);
  if (running.state.keepRawMs === false) cli.remark('state.keepRaw is false: no batches are kept to rehearse with.');
  if (options.exitCode && differences.some(isChanged)) cli.exitCode = 1;
}

export function addRehearse(program: Command, cli: Cli): void {
  const command = program
    .command('rehearse')
    .description(
      'run a new configuration over the batches of the last time, and show what it would change; publishes nothing',
    )
    .option('--before <file>', 'the configuration that runs now', defaultFile)
    .option('--against <time>', 'batches fetched within so long: 90m, 24h, 7d', agoArgument, agoArgument('24h'))
    .option('--examples <n>', 'at most so many of each change, in each feed', wholeNumber(0, 1_000), 3)
    .option('--json', 'one JSON array')
    .option('--exit-code', 'exit with 1 when something would change')
    .action(async (options: Options) => {
      const running = await readConfiguration(cli, options.before);
      const planned = running && (await readConfiguration(cli, options.config));
      if (running && planned) await rehearse(cli, [running, planned], options);
    });
  addExample(addFileOption(command), 'rehearse -c new.yaml --against 24h');
}
