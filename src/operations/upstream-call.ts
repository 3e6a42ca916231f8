import type { FeedName } from '../core/batch.ts';
import type { FeedDefinition } from '../core/connector.ts';
import { BridgeError } from '../core/errors.ts';
import type { HttpClient, HttpResponse } from '../core/http.ts';
import type { PollContext, PollProtocol } from '../core/poll-protocol.ts';
import type { ProxySettings } from '../http/channel.ts';
import { createHttpClient } from '../http/client.ts';
import type { BackoffPolicy } from '../pipeline/backoff.ts';
import type { Report } from '../telemetry/events.ts';
import { pollArrivalOf } from './poll-arrival.ts';

/** What an act needs to speak with the upstream of one feed. */
export interface Upstream {
  readonly feed: FeedName;
  readonly definition: FeedDefinition;
  readonly protocol: PollProtocol;
  readonly client: HttpClient;
  /** Between tries. */
  readonly backoff: BackoffPolicy;
  readonly signal: AbortSignal;
  /** Now, and the feed's position. */
  context(): PollContext;
}

export interface UpstreamOptions {
  readonly feed: FeedName;
  readonly definition: FeedDefinition;
  readonly position: string | undefined;
  readonly proxy: ProxySettings;
  readonly report: Report;
  readonly backoff: BackoffPolicy;
  readonly signal: AbortSignal;
}

/** Runs an act with a client of its own, which is gone afterwards. */
export async function withUpstream<T>(options: UpstreamOptions, act: (upstream: Upstream) => Promise<T>): Promise<T> {
  const { feed, definition, position, proxy, report, backoff, signal } = options;
  const { endpoint, protocol } = pollArrivalOf(feed, definition);
  await using client = createHttpClient(endpoint, { proxy, subject: feed, report });
  return await act({
    feed,
    definition,
    protocol,
    client,
    backoff,
    signal,
    context: () => ({ now: new Date(), position }),
  });
}

export interface FoundBatch {
  /** Undefined when the batch cannot be read and names itself nowhere. */
  readonly batchId: string | undefined;
  readonly response: HttpResponse;
}

/** Asks for the next batch, also one that cannot be read; undefined: nothing waits. Asking changes nothing upstream. */
export async function findOpenBatch(upstream: Upstream): Promise<FoundBatch | undefined> {
  const { client, protocol, signal } = upstream;
  const response = await client.send(protocol.next(upstream.context()), signal);
  try {
    const answer = protocol.readNext(response);
    return answer.kind === 'empty' ? undefined : { batchId: answer.batch.upstreamId, response };
  } catch (error) {
    if (!(error instanceof BridgeError && error.code === 'BATCH_MALFORMED')) throw error;
    return { batchId: protocol.complete?.salvageId(response.body), response };
  }
}
