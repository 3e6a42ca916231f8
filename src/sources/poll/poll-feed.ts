import type { FeedName } from '../../core/batch.ts';
import type { HttpClient } from '../../core/http.ts';
import type { PollProtocol } from '../../core/poll-protocol.ts';
import type { Schedule } from '../../core/schedule.ts';
import type { Cursors } from '../../core/state.ts';
import type { Report } from '../../telemetry/events.ts';
import type { Pace } from './pace.ts';
import type { PollTiming } from './timing.ts';

/** One polled feed: whom to ask, how, and how often. */
export interface PollFeed {
  readonly feed: FeedName;
  readonly client: HttpClient;
  readonly protocol: PollProtocol;
  readonly schedule: Schedule;
  readonly cursors: Cursors;
  readonly report: Report;
  readonly timing: PollTiming;
}

/** A polled feed as its parts see it: all requests keep one pace. */
export type PacedFeed = Omit<PollFeed, 'client'> & { readonly pace: Pace };
