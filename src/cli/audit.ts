import { type Command, InvalidArgumentError } from 'commander';
import type { FeedAudit } from '../audit/findings.ts';
import type { Configuration, PipelineDefinition } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import { BridgeError } from '../core/errors.ts';
import type { Operations } from '../operations/operations.ts';
import { auditRemarks, auditTable, problemLine } from './audit-view.ts';
import { addExample, addFileOption, type Cli, type FileOption, wholeNumber } from './cli.ts';
import { momentArgument } from './moments.ts';
import { withOperations } from './open-operations.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';
import { readConfiguration } from './read-configuration.ts';

interface Options extends FileOption {
  readonly from: Date;
  readonly to?: Date;
  readonly limit: number;
  readonly json?: true;
}

/** So often people are told how far it is. */
const progressMs = 5_000;

interface Chosen {
  readonly feed: FeedName;
  readonly pipeline: PipelineDefinition;
}

function chosenFeeds({ pipelines }: Configuration, name: string | undefined): readonly Chosen[] {
  const all = pipelines.flatMap((pipeline) =>
    pipeline.feeds.map(({ name: own }): Chosen => ({ feed: `${pipeline.name}/${own}`, pipeline })),
  );
  const chosen = all.filter(({ feed, pipeline }) => name === undefined || feed === name || pipeline.name === name);
  if (chosen.length > 0) return chosen;
  throw new BridgeError('FEED_UNKNOWN', `there is no feed or pipeline "${name}"`, {
    hint: `There are: ${all.map(({ feed }) => feed).join(', ')}.`,
  });
}

function feedOrPipeline(value: string): string {
  if (/^[^/]+(\/[^/]+)?$/.test(value)) return value;
  throw new InvalidArgumentError('It is a feed, as in fenergo/journey, or a pipeline, as in fenergo.');
}

/** Tells how far it is, now and then. */
function progressOf(cli: Cli): (audit: FeedAudit, upTo: Date) => void {
  let told = performance.now();
  return ({ feed, brokers }, upTo) => {
    const now = performance.now();
    if (now - told < progressMs) return;
    told = now;
    const receipts = brokers.reduce((sum, broker) => sum + broker.receipts, 0);
    cli.remark(`${feed}  ${receipts} events compared, up to ${upTo.toISOString()}`);
  };
}

async function auditAll(
  cli: Cli,
  configuration: Configuration,
  feeds: readonly Chosen[],
  { from, to = new Date(), limit }: Options,
  operations: Operations,
  signal: AbortSignal,
): Promise<readonly FeedAudit[]> {
  const [{ auditFeed }, { openAuditedBrokers }, { createLogReporter }, { brokerBackoff }] = await Promise.all([
    import('../audit/audit-feed.ts'),
    import('../audit/open-brokers.ts'),
    import('../telemetry/logger.ts'),
    import('../pipeline/backoff.ts'),
  ]);
  const { stderr, env } = cli.host;
  const { baseDir } = configuration;
  const report = createLogReporter({ level: 'warn', pretty: stderr.isTTY, destination: stderr });
  const onProgress = progressOf(cli);
  const audits: FeedAudit[] = [];
  for (const { feed, pipeline } of feeds) {
    cli.subject = feed;
    await using resources = new AsyncDisposableStack();
    const context = { proxy: proxyFromEnvironment(env), report, baseDir, resources };
    const brokers = await openAuditedBrokers(pipeline.name, pipeline.to, context);
    const what = { feed, from, to, destinations: pipeline.to, brokers };
    audits.push(
      await auditFeed({ ...what, operations, backoff: brokerBackoff, mostProblems: limit, onProgress, signal }),
    );
  }
  return audits;
}

function show(cli: Cli, audits: readonly FeedAudit[], limit: number): void {
  for (const line of auditTable(audits)) cli.print(line);
  for (const { feed, problems } of audits) for (const problem of problems) cli.print(problemLine(feed, problem));
  for (const audit of audits) for (const line of auditRemarks(audit)) cli.remark(line);
  if (audits.some(({ problems }) => problems.length === limit)) cli.remark(`At most ${limit} of each feed are shown.`);
}

async function run(cli: Cli, name: string | undefined, options: Options): Promise<void> {
  const configuration = await readConfiguration(cli, options.config);
  if (configuration === undefined) return;
  const feeds = chosenFeeds(configuration, name);
  const stop = new AbortController();
  const restore = cli.host.onSignal(() => {
    restore();
    stop.abort();
  });
  const { isSound } = await import('../audit/findings.ts');
  try {
    await withOperations(cli, configuration, async (operations) => {
      const audits = await auditAll(cli, configuration, feeds, options, operations, stop.signal);
      if (!audits.every(isSound)) cli.exitCode = 1;
      if (options.json) cli.print(JSON.stringify(audits, null, 2));
      else show(cli, audits, options.limit);
      if (audits.some(({ batches, ledger }) => batches + ledger.batches > 0)) return;
      const days = Math.round(configuration.state.keepReceiptsMs / 86_400_000);
      cli.remark(`Nothing was published within this time, as far as is known. Receipts are kept for ${days} days.`);
    });
  } finally {
    restore();
  }
}

export function addAudit(program: Command, cli: Cli): void {
  const command = program
    .command('audit')
    .description('compare what was published in a time, by ledger and receipts, with what the brokers have')
    .argument('[feed]', 'pipeline/feed, or a pipeline; otherwise all', feedOrPipeline)
    .requiredOption('--from <moment>', 'published from here on: 24h, or 2026-11-22T10:15Z', momentArgument)
    .option('--to <moment>', 'published before; otherwise now', momentArgument)
    .option('--limit <n>', 'show at most so many problems of each feed', wholeNumber(1, 100_000), 100)
    .option('--json', 'one JSON array, with an object for each feed')
    .action((name: string | undefined, options: Options) => run(cli, name, options));
  addExample(
    addFileOption(command),
    'audit --from 24h',
    'audit fenergo/journey --from 2026-11-22T10:15Z --to 2026-11-22T10:30Z --json',
  );
}
