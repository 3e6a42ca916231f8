import type { FeedName } from '../../core/batch.ts';
import type { HttpClient } from '../../core/http.ts';
import type { Cursors } from '../../core/state.ts';
import type { StreamArrival, StreamClient, StreamGap } from '../../core/stream.ts';
import type { BackoffPolicy } from '../../pipeline/backoff.ts';
import type { Report } from '../../telemetry/events.ts';
import type { Handover } from './handover.ts';
import type { InboxBounds } from './inbox.ts';

/** Why there was no connection: `stopped` is the bridge itself. */
export type GapReason = 'idle-timeout' | 'ended' | 'connection-lost' | 'refused' | 'event-too-large' | 'stopped';

export interface ToldGap extends StreamGap {
  readonly reason: GapReason;
  /** Whether the upstream was asked what had happened meanwhile. */
  readonly reconciled: boolean;
}

/** How long is waited for what. Milliseconds. */
export interface StreamTiming {
  /** A connection works when it has brought an event, or was open so long without an error. */
  readonly settledMs: number;
  /** How often it is written down, while nothing comes, that there is a connection. */
  readonly heartbeatMs: number;
  /** Between connections that do not work. */
  readonly retry: BackoffPolicy;
  /** Least time between two requests, whatever happens. */
  readonly paceMs: number;
}

export const streamTiming: StreamTiming = {
  settledMs: 2_000,
  heartbeatMs: 10_000,
  retry: { baseMs: 1_000, capMs: 30_000, jitter: 'full' },
  paceMs: 1_000,
};

export interface SseFeed {
  readonly feed: FeedName;
  readonly arrival: StreamArrival;
  readonly client: StreamClient;
  /** Of `arrival.reconcile`. */
  readonly reconciler?: Pick<HttpClient, 'send'> | undefined;
  /** A position is the last event id that is safe, "" for none; when it was set is when there was a connection last. */
  readonly cursors: Cursors;
  /** Durable when it resolves. */
  readonly tellGap: (gap: ToldGap) => Promise<void>;
  /** Where a connection is left that another is to follow without a gap, and found. */
  readonly handover?: Handover | undefined;
  readonly report: Report;
  readonly timing?: StreamTiming;
  readonly bounds?: InboxBounds;
}
