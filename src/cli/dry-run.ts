import type { Configuration } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import { encodeStructured } from '../core/envelope.ts';
import { type BridgeError, toBridgeError } from '../core/errors.ts';
import type { PolledBatch } from '../core/poll-protocol.ts';
import { normaliseBatch } from '../pipeline/normalise.ts';
import { routeBatch } from '../pipeline/route.ts';
import { errorLine } from '../telemetry/error-text.ts';
import type { Cli } from './cli.ts';
import { errorReport } from './error-report.ts';
import { type AskableFeed, openFeeds } from './feed-clients.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';

interface Rehearsed {
  /** Structured, as they would be published. */
  readonly events: readonly Buffer[];
  readonly filtered: number;
  readonly poison: readonly BridgeError[];
  /** How many each of several destinations would get: `kafka 3`. */
  readonly shares: readonly string[];
}

async function rehearse(
  { definition, to, feed }: AskableFeed,
  { records, upstreamId }: PolledBatch,
  signal: AbortSignal,
): Promise<Rehearsed> {
  const bytes = records.reduce((sum, record) => sum + record.bytes.length, 0);
  const unasked = async () => {};
  const batch = { feed, ...(upstreamId !== undefined && { upstreamId }), bytes, records, ack: unasked, nack: unasked };
  const normalised = normaliseBatch(batch, definition.normalise);
  const destinations = to.map(({ name, when }) => ({ name, wants: when }));
  const { events, filtered, poison, shares } = await routeBatch(normalised, destinations, signal);
  const wanted = new Set(shares.flatMap((share) => share.events));
  return {
    events: events.filter((event) => wanted.has(event)).map(({ envelope }) => encodeStructured(envelope)),
    filtered,
    poison: poison.map(({ error }) => error),
    shares: shares.flatMap(({ destination: { name }, events }) =>
      name === undefined ? [] : [`${name} ${events.length}`],
    ),
  };
}

function tell(cli: Cli, feed: FeedName, batchId: string | undefined, rehearsed: Rehearsed): void {
  const { events, filtered, poison, shares } = rehearsed;
  for (const event of events) cli.print(event.toString());
  for (const error of poison) cli.remark(errorLine(feed, error));
  const name = batchId === undefined ? 'a batch' : `batch ${batchId}`;
  const who = shares.length === 0 ? '' : ` (${shares.join(', ')})`;
  cli.remark(
    `${feed}  ${name}: ${events.length} events${who}, ${filtered} filtered, ${poison.length} would be dead letters`,
  );
}

async function rehearseFeed(cli: Cli, askable: AskableFeed, signal: AbortSignal): Promise<boolean> {
  const { feed, ask } = askable;
  try {
    const answer = await ask(signal);
    if (answer.kind === 'empty') cli.remark(`${feed}  nothing waits upstream`);
    else tell(cli, feed, answer.batch.upstreamId, await rehearse(askable, answer.batch, signal));
    return true;
  } catch (error) {
    cli.remark(errorReport(feed, toBridgeError(error), { stack: false }));
    return false;
  }
}

/**
 * Fetches the open batch of each feed and prints the events it would become, one JSON object a line. Publishes
 * nothing, acknowledges nothing, and touches no state. Exit code 1 when a feed could not be read.
 */
export async function dryRun(cli: Cli, configuration: Configuration): Promise<void> {
  const stop = new AbortController();
  const restore = cli.host.onSignal(() => {
    restore();
    stop.abort();
  });
  await using opened = openFeeds(configuration, proxyFromEnvironment(cli.host.env));
  const results = await Promise.all(opened.feeds.map((feed) => rehearseFeed(cli, feed, stop.signal)));
  restore();
  if (results.includes(false)) cli.exitCode = 1;
  cli.remark('Dry run: nothing was published, and nothing acknowledged.');
}
