import type { FeedName } from '../core/batch.ts';
import type { Jobs, Requests } from '../core/requests.ts';
import type { Report } from '../telemetry/events.ts';
import type { NormalisedEvent } from './normalise.ts';
import { persist } from './persist.ts';
import type { RecordAt } from './steps.ts';

/** `deadline`: of the batch, as `persist` has it. */
export type Follow = (
  events: readonly NormalisedEvent[],
  recordAt: RecordAt,
  about: { readonly signal: AbortSignal; readonly deadline?: number | undefined },
) => Promise<void>;

export interface FollowOptions {
  readonly feed: FeedName;
  readonly source: string;
  readonly jobs: Jobs;
  readonly requests: Pick<Requests, 'saw'>;
  readonly report: Report;
  /** Something has to be said. */
  readonly wake: () => void;
}

/** Writes down what events that are safe tell of their jobs: not before, or a job would be settled whose event is lost. */
export function followJobs({ feed, source, jobs, requests, report, wake }: FollowOptions): Follow {
  return async (events, recordAt, { signal, deadline }) => {
    const sightings = events.flatMap(({ envelope, index }) => {
      const tie = jobs.tie(envelope, recordAt(index)?.headers ?? {});
      if (tie.requestId === undefined && tie.upstreamId === undefined) return [];
      return [{ tie, terminal: jobs.isTerminal(envelope) }];
    });
    if (sightings.length === 0) return;
    const at = new Date();
    const unknown = jobs.watchesAll ? { stallsAt: new Date(at.getTime() + jobs.stalledMs) } : undefined;
    const write = () => requests.saw(feed, sightings, { source, at, unknown });
    await persist(write, { feed, activity: 'request', report, signal, deadline });
    wake();
  };
}
