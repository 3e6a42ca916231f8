import type { FeedName } from './core/batch.ts';
import { gapEvent } from './core/bridge-event.ts';
import type { Endpoint, HttpClient } from './core/http.ts';
import type { Source } from './core/source.ts';
import type { State } from './core/state.ts';
import type { StreamArrival } from './core/stream.ts';
import type { ProxySettings } from './http/channel.ts';
import { createStreamClient } from './http/stream-client.ts';
import { startTeller } from './pipeline/bridge-events.ts';
import type { Publisher } from './pipeline/publisher.ts';
import type { Handover } from './sources/sse/handover.ts';
import type { SseFeed } from './sources/sse/sse-feed.ts';
import { createSseSource } from './sources/sse/sse-source.ts';
import { visit } from './sources/sse/visit.ts';
import type { Report } from './telemetry/events.ts';
import type { DaemonTiming } from './timing.ts';

export interface StreamContext {
  readonly state: Pick<State, 'cursors' | 'requests'>;
  readonly proxy: ProxySettings;
  readonly report: Report;
  readonly resources: AsyncDisposableStack;
  readonly handover?: Handover | undefined;
  readonly timing: Pick<DaemonTiming, 'publish' | 'stalledLookMs' | 'stream'>;
}

/** What reads the stream of a feed, and tells of its gaps; a new source whenever it is called. */
export function openStream(
  feed: FeedName,
  source: string,
  arrival: StreamArrival,
  clientFor: (endpoint: Endpoint) => Pick<HttpClient, 'send'>,
  publisher: Publisher | undefined,
  { state, proxy, report, resources, timing, handover }: StreamContext,
): () => Source {
  const client = createStreamClient(arrival, { proxy, subject: feed, report });
  resources.defer(async () => {
    // A connection that is left for the next pipeline needs it as long as it is open.
    const left = handover?.left(feed);
    if (left === undefined) await client[Symbol.asyncDispose]();
    else void left.then(() => client[Symbol.asyncDispose]());
  });
  const { requests, cursors } = state;
  const { publish: backoff, stalledLookMs: lookMs } = timing;
  const teller = resources.use(startTeller({ feed, requests, publisher, report, lookMs, backoff }));
  const { reconcile } = arrival;
  const options: SseFeed = {
    feed,
    arrival,
    client,
    reconciler: reconcile && clientFor(reconcile.endpoint),
    cursors,
    handover,
    report,
    timing: timing.stream,
    async tellGap(gap) {
      await requests.say(gapEvent(feed, source, gap));
      teller.wake();
    },
  };
  return () => createSseSource(options);
}

/** So long without an error, a connection counts as one that works. */
const trialMs = 1_000;

/** Connects once, until that works; keeps nothing. Rejects with the BridgeError that a feed would get. */
export async function tryStream(
  feed: FeedName,
  arrival: StreamArrival,
  proxy: ProxySettings,
  signal: AbortSignal,
): Promise<void> {
  await using client = createStreamClient(arrival, { proxy, subject: feed, report: () => {} });
  const works = new AbortController();
  const end = await visit(
    {
      arrival,
      client,
      inbox: { push() {}, async room() {} },
      lastEventId: undefined,
      settledMs: trialMs,
      works: () => works.abort(),
      arrived() {},
      moved() {},
      retry() {},
    },
    AbortSignal.any([signal, works.signal]),
  );
  if (!works.signal.aborted) throw end.error;
}
