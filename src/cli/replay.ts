import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Configuration, DestinationDefinition, PipelineDefinition } from '../config/configuration.ts';
import type { RawBatch } from '../core/archive.ts';
import type { FeedName } from '../core/batch.ts';
import type { FeedDefinition } from '../core/connector.ts';
import { BridgeError } from '../core/errors.ts';
import type { Outlet, RecordsAgain, RefusedAgain } from '../pipeline/outlet.ts';
import {
  addExample,
  addFileOption,
  type Cli,
  type FileOption,
  feedArgument,
  reasonArgument,
  wholeNumber,
} from './cli.ts';
import { confirm } from './confirm.ts';
import { momentArgument } from './moments.ts';
import { withOperations } from './open-operations.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';
import { rawBatchesOf } from './raw-batches.ts';
import { readConfiguration } from './read-configuration.ts';
import { readArgument } from './read-destination.ts';
import { nothingYet, type Replayed, whileRecorded } from './record-replay.ts';
import { printable } from './table.ts';

interface Options extends FileOption {
  readonly from: Date;
  readonly to?: Date;
  readonly destination?: string;
  readonly rate?: number;
  readonly dryRun?: true;
  readonly reason?: string;
  readonly yes?: true;
}

/** So often people are told how far it is. */
const progressMs = 5_000;

function feedIn({ pipelines }: Configuration, feed: FeedName): readonly [PipelineDefinition, FeedDefinition] {
  for (const pipeline of pipelines) {
    const definition = pipeline.feeds.find(({ name }) => `${pipeline.name}/${name}` === feed);
    if (definition !== undefined) return [pipeline, definition];
  }
  const names = pipelines.flatMap(({ name, feeds }) => feeds.map((definition) => `${name}/${definition.name}`));
  throw new BridgeError('FEED_UNKNOWN', `there is no feed "${feed}"`, { hint: `There are: ${names.join(', ')}.` });
}

/** Whether the consumers of the pipeline read there too. Where that depends on the events, it may be so. */
function isOwn(side: DestinationDefinition, { name, to }: PipelineDefinition, feed: FeedName): boolean {
  const placeOf = ({ sinkType, destination }: DestinationDefinition) =>
    sinkType.place(destination, name).renderFeed(feed);
  return to.some((own) => own.sinkType === side.sinkType && placeOf(own) === placeOf(side));
}

function recordsOf({ batchId, offset = 0, records }: RawBatch): RecordsAgain {
  return {
    batchId: batchId === '' ? undefined : batchId,
    records: records.map((record, at) => ({ record, index: offset + at })),
  };
}

/** Opens nothing in a dry run. */
async function openOutletFor(
  cli: Cli,
  configuration: Configuration,
  feed: FeedName,
  { side, dryRun }: { readonly side: DestinationDefinition | undefined; readonly dryRun: boolean },
  resources: AsyncDisposableStack,
): Promise<Outlet> {
  const [{ openOutlet }, { createLogReporter }, { brokerBackoff }] = await Promise.all([
    import('../open-outlet.ts'),
    import('../telemetry/logger.ts'),
    import('../pipeline/backoff.ts'),
  ]);
  const [pipeline, definition] = feedIn(configuration, feed);
  const { stderr, env } = cli.host;
  const to = dryRun ? [] : side === undefined ? pipeline.to : [side];
  return openOutlet({ name: pipeline.name, to }, definition, {
    proxy: proxyFromEnvironment(env),
    report: createLogReporter({ level: 'warn', pretty: stderr.isTTY, destination: stderr }),
    baseDir: configuration.baseDir,
    resources,
    backoff: brokerBackoff,
  });
}

/** Poison is said and left out; anything else ends the replay. */
function judge(cli: Cli, { batchId }: RawBatch, refused: readonly RefusedAgain[]): void {
  for (const { index, error } of refused) {
    if (error.disposition !== 'poison') throw error;
    cli.exitCode = 1;
    cli.remark(`batch ${batchId === '' ? '-' : printable(batchId)}, record ${index}  ${error.code}  ${error.message}`);
  }
}

async function replayBatch(cli: Cli, outlet: Outlet, raw: RawBatch, dryRun: boolean, signal: AbortSignal) {
  if (dryRun) {
    const { events, filtered, poison } = outlet.plan(recordsOf(raw));
    judge(
      cli,
      raw,
      poison.map((one) => ({ ...one, envelope: null })),
    );
    return { events: events.length, filtered, refused: poison.length };
  }
  const { published, filtered, refused } = await outlet.republish(recordsOf(raw), { signal });
  judge(cli, raw, refused);
  return { events: published, filtered, refused: new Set(refused.map(({ index }) => index)).size };
}

function sentence({ batches, events, filtered, refused }: Replayed, dryRun: boolean): string {
  const rest = [filtered > 0 ? `${filtered} left out` : '', refused > 0 ? `${refused} refused` : ''];
  const said = [`${events} events of ${batches} batches ${dryRun ? 'would be published' : 'published'}`, ...rest];
  return said.filter((part) => part !== '').join(', ');
}

async function replay(
  cli: Cli,
  outlet: Outlet,
  batches: AsyncIterable<RawBatch>,
  { rate, dryRun, done }: { readonly rate: number | undefined; readonly dryRun: boolean; readonly done: Replayed },
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  let told = started;
  try {
    for await (const raw of batches) {
      const { events, filtered, refused } = await replayBatch(cli, outlet, raw, dryRun, signal);
      done.batches++;
      done.events += events;
      done.filtered += filtered;
      done.refused += refused;
      const now = performance.now();
      if (now - told >= progressMs) {
        told = now;
        cli.remark(`${sentence(done, dryRun)}, up to ${raw.fetchedAt.toISOString()}`);
      }
      const ahead = rate === undefined || dryRun ? 0 : (done.events / rate) * 1_000 - (now - started);
      if (ahead > 0) await sleep(ahead, undefined, { signal }).catch(() => {});
      if (signal.aborted) throw new BridgeError('STOPPING', 'stopped before everything was published again');
    }
  } catch (error) {
    cli.remark(`Up to here: ${sentence(done, dryRun)}`);
    throw error;
  }
}

async function run(cli: Cli, configuration: Configuration, feed: FeedName, options: Options): Promise<void> {
  cli.subject = feed;
  const [pipeline, { steps }] = feedIn(configuration, feed);
  const { from, to = new Date(), rate, destination: argument } = options;
  const dryRun = options.dryRun === true;
  const side = argument === undefined ? undefined : await readArgument(cli, configuration.file, argument);
  if (argument !== undefined && side === undefined) return;
  const question = `Consumers of ${feed} see everything from ${from.toISOString()} to ${to.toISOString()} again.`;
  const isQuiet = dryRun || (side !== undefined && !isOwn(side, pipeline, feed));
  if (!isQuiet && !(await confirm(cli, question, options.yes === true))) {
    cli.remark('Nothing was published.');
    cli.exitCode = 1;
    return;
  }
  if (steps.length > 0) {
    cli.remark(
      dryRun
        ? 'The steps of the feed are left out.'
        : 'Steps of the feed that ask upstream, such as enrich, ask again.',
    );
  }
  await using resources = new AsyncDisposableStack();
  const outlet = await openOutletFor(cli, configuration, feed, { side, dryRun }, resources);
  const stop = new AbortController();
  const restore = cli.host.onSignal(() => {
    restore();
    stop.abort();
  });
  try {
    await withOperations(cli, configuration, async (operations) => {
      const batches = rawBatchesOf(operations, feed, { from, to });
      const work = async (done: Replayed) => {
        await replay(cli, outlet, batches, { rate, dryRun, done }, stop.signal);
        cli.print(`${feed}  ${sentence(done, dryRun)}`);
      };
      if (dryRun) await work(nothingYet());
      else await whileRecorded(operations, feed, { from, to, destination: argument, reason: options.reason }, work);
    });
  } finally {
    restore();
  }
  if (configuration.state.keepRawMs === false) cli.remark('state.keepRaw is false: no batches are kept to replay.');
}

export function addReplay(program: Command, cli: Cli): void {
  const command = program
    .command('replay')
    .description('publish what upstream sent in a time again, with the same ids; nothing moves upstream')
    .argument('<feed>', 'pipeline/feed', feedArgument)
    .requiredOption('--from <moment>', 'fetched from here on: 24h ago, or 2026-11-22T10:15Z', momentArgument)
    .option('--to <moment>', 'fetched before; otherwise now', momentArgument)
    .option('--destination <yaml>', 'to this one, instead of all of the pipeline: { broker: kafka, topic: side }')
    .option('--rate <n>', 'at most so many events a second, on average', wholeNumber(1, 1_000_000))
    .option('--reason <text>', 'why, for the audit log', reasonArgument)
    .option('--dry-run', 'only count what would be published')
    .option('--yes', 'do not ask, although consumers see everything again')
    .action(async (feed: FeedName, options: Options) => {
      const configuration = await readConfiguration(cli, options.config);
      if (configuration !== undefined) await run(cli, configuration, feed, options);
    });
  addExample(
    addFileOption(command),
    "replay fenergo/journey --from 24h --destination '{ broker: kafka, topic: side }'",
    'replay fenergo/journey --from 2026-11-22T10:15Z --to 2026-11-22T10:30Z --dry-run',
  );
}
