import type { Configuration } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import type { FeedDefinition } from '../core/connector.ts';
import { encodeStructured } from '../core/envelope.ts';
import { type BridgeError, toBridgeError } from '../core/errors.ts';
import type { PolledBatch } from '../core/poll-protocol.ts';
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
}

function rehearse({ normalise }: FeedDefinition, { records, upstreamId }: PolledBatch): Rehearsed {
  const outcomes = records.flatMap((record, index) => normalise(record, { batchId: upstreamId, index }));
  return {
    events: outcomes.flatMap((outcome) => (outcome.kind === 'event' ? [encodeStructured(outcome.envelope)] : [])),
    filtered: outcomes.filter(({ kind }) => kind === 'filtered').length,
    poison: outcomes.flatMap((outcome) => (outcome.kind === 'poison' ? [outcome.error] : [])),
  };
}

function tell(cli: Cli, feed: FeedName, batchId: string | undefined, { events, filtered, poison }: Rehearsed): void {
  for (const event of events) cli.print(event.toString());
  for (const error of poison) cli.remark(errorLine(feed, error));
  const name = batchId === undefined ? 'a batch' : `batch ${batchId}`;
  cli.remark(`${feed}  ${name}: ${events.length} events, ${filtered} filtered, ${poison.length} would be dead letters`);
}

async function rehearseFeed(cli: Cli, { feed, definition, ask }: AskableFeed, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await ask(signal);
    if (answer.kind === 'empty') cli.remark(`${feed}  nothing waits upstream`);
    else tell(cli, feed, answer.batch.upstreamId, rehearse(definition, answer.batch));
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
