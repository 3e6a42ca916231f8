import type { FeedName } from './core/batch.ts';
import type { FeedDefinition } from './core/connector.ts';
import { BridgeError } from './core/errors.ts';
import type { Endpoint, HttpClient } from './core/http.ts';
import type { RequestDesk } from './core/request-desk.ts';
import type { State } from './core/state.ts';
import type { Step } from './core/step.ts';
import { startTeller } from './pipeline/bridge-events.ts';
import { correlateStep } from './pipeline/correlate.ts';
import { type Follow, followJobs } from './pipeline/follow.ts';
import type { Publisher } from './pipeline/publisher.ts';
import { callbackUrl } from './registration/callback-url.ts';
import type { Report } from './telemetry/events.ts';
import type { DaemonTiming } from './timing.ts';

export interface JobsContext {
  readonly state: Pick<State, 'requests'>;
  /** The listener for requests; absent: there is none. */
  readonly requests?: RequestDesk | undefined;
  readonly publicUrl?: string | undefined;
  readonly report: Report;
  readonly resources: AsyncDisposableStack;
  readonly timing: Pick<DaemonTiming, 'publish' | 'stalledLookMs'>;
  /** Something came of a request: there may be an answer to publish. */
  readonly answered: () => void;
}

/** What a feed whose events tell of jobs does beside the others. */
export interface OpenedJobs {
  readonly step: Step;
  readonly follow: Follow;
}

/** Watches the jobs of a feed, and takes requests for its upstream where it is configured to. */
export async function openJobs(
  pipeline: string,
  { name, source, jobs, arrival }: FeedDefinition,
  clientFor: (endpoint: Endpoint) => Pick<HttpClient, 'send'>,
  publisher: Publisher | undefined,
  context: JobsContext,
): Promise<OpenedJobs | undefined> {
  if (jobs === undefined) return undefined;
  const feed: FeedName = `${pipeline}/${name}`;
  const { report, resources, timing, publicUrl } = context;
  const { requests } = context.state;
  const { publish: backoff, stalledLookMs: lookMs } = timing;
  const teller = resources.use(startTeller({ feed, requests, publisher, report, lookMs, backoff }));
  const wake = () => {
    teller.wake();
    context.answered();
  };
  if (jobs.requests !== undefined) {
    const { requests: protocol, stalledMs } = jobs;
    if (context.requests === undefined)
      throw new BridgeError('CONFIG_INVALID', `${feed} takes requests, but listen.requests is not set`);
    const client = clientFor(protocol.endpoint);
    const callback =
      arrival.kind === 'webhook' && publicUrl !== undefined ? callbackUrl(publicUrl, arrival) : undefined;
    const taker = { pipeline, feed, source, stalledMs, protocol, client, callback, wake };
    resources.use(await context.requests.register(taker));
  }
  return {
    step: correlateStep(feed, jobs, requests),
    follow: followJobs({ feed, source, jobs, requests, report, wake }),
  };
}
