import { BridgeError } from '../../core/errors.ts';
import type { RawRecord } from '../../core/record.ts';
import { backoffMs, wait } from '../../pipeline/backoff.ts';
import { persist } from '../../pipeline/persist.ts';
import type { Inbox } from './inbox.ts';
import { createLine, type Line } from './line.ts';
import type { Place } from './place.ts';
import { recordsOfGap } from './reconcile.ts';
import { type GapReason, type SseFeed, streamTiming } from './sse-feed.ts';
import { createTakeOver } from './take-over.ts';
import { type VisitEnd, visit } from './visit.ts';

/** Between the last word of a connection, and the first of the next one that works. */
interface Break {
  readonly from: Date;
  readonly reason: GapReason;
}

/**
 * Connects, reads into the inbox, and connects again when that ends, until stopped. Tells of each gap, once the next
 * connection works. Rejects with the fatal BridgeError that ended it.
 */
export async function stayConnected(feed: SseFeed, inbox: Inbox, place: Place, stop: AbortSignal): Promise<void> {
  const { arrival, client, handover, report, timing = streamTiming } = feed;
  let broken: Break | undefined = place.contactAt && { from: place.contactAt, reason: 'stopped' };
  let lastEventId = place.lastEventId;
  let askedMs = arrival.retryMs.min;
  let failures = 0;
  let renewed = false;
  /** What was told of since the connection that works, while it is asked what else has happened. */
  let subjects: Set<string> | undefined;
  let telling: Promise<void> = Promise.resolve();
  let askedAt = new Date();
  const takeOver = createTakeOver(feed.feed, inbox, handover, stop);

  place.hold();

  function arrived(record: RawRecord): void {
    const subject = subjects && arrival.reconcile?.subject(record.bytes);
    if (subject !== undefined) subjects?.add(subject);
  }

  async function tell({ from, reason }: Break, to: Date): Promise<void> {
    const { reconcile } = arrival;
    const { reconciler: asked } = feed;
    let found: readonly RawRecord[] | undefined;
    if (reconcile && asked) {
      const { mediaType } = arrival;
      const seen = new Set<string>();
      subjects = seen;
      found = await recordsOfGap({ from, to }, { feed: feed.feed, reconcile, client: asked, mediaType, report }, stop);
      // What the stream has told of meanwhile, it goes on to tell of.
      const missing = (found ?? []).filter(({ bytes }) => !seen.has(reconcile.subject(bytes) ?? ''));
      subjects = undefined;
      for (const record of missing) inbox.push({ record, lastEventId });
    }
    if (stop.aborted) return;
    const gap = { from, to, reason, reconciled: found !== undefined };
    await persist(() => feed.tellGap(gap), { feed: feed.feed, activity: 'bridge-event', report, signal: stop });
  }

  function works(openedAt: Date): void {
    // Left behind by then: it is the next one's.
    if (stop.aborted) return;
    if (takeOver.begin(askedAt)) broken = undefined;
    failures = 0;
    renewed = false;
    report({ event: 'feed.idle', feed: feed.feed });
    const gap = broken;
    broken = undefined;
    telling = telling.then(async () => {
      if (gap) await tell(gap, openedAt);
      // Broken off again: not until that is told of too.
      if (broken) return;
      place.unhold();
      await place.touch(stop);
    });
    // Stopped meanwhile: the next start tells of it.
    telling.catch(() => {});
  }

  /** What follows from the end of a connection; gives how long to wait. */
  function conclude({ reason, error, lastAt }: VisitEnd): number {
    if (broken === undefined && lastAt !== undefined) {
      broken = { from: lastAt, reason };
      place.hold();
    }
    failures += 1;
    const ownMs = askedMs + backoffMs(timing.retry, failures);
    const delayMs = Math.max(ownMs, timing.paceMs, Math.min(error.retryAfterMs ?? 0, 15 * 60_000));
    if (error.code === 'AUTH_REFUSED' && !renewed) {
      renewed = client.renew();
      if (renewed) return timing.paceMs;
    } else if (error.code === 'AUTH_REFUSED') client.renew();
    return delayMs;
  }

  let line: Line | undefined;
  /** Whether its connection is to be left for another pipeline. Broken, it is the next one's to tell of the gap. */
  const leaves = () => broken === undefined && handover?.isExpected(feed.feed) === true;
  const stopped = new Promise<undefined>((resolve) => {
    const end = () => {
      if (!leaves()) line?.close();
      resolve(undefined);
    };
    stop.addEventListener('abort', end, { once: true });
  });

  try {
    while (!stop.aborted) {
      const wasRenewed = renewed;
      askedAt = new Date();
      line = createLine(inbox, takeOver, stop);
      const visiting = visit(
        {
          arrival,
          client,
          inbox: line,
          lastEventId,
          settledMs: timing.settledMs,
          works,
          arrived,
          moved: (id) => {
            lastEventId = id;
          },
          retry: (ms) => {
            askedMs = Math.min(Math.max(ms, arrival.retryMs.min), arrival.retryMs.max);
          },
        },
        line.signal,
      );
      const end = await Promise.race([visiting, stopped]);
      if (stop.aborted || end === undefined) {
        if (end === undefined && leaves()) handover?.leave(feed.feed, line.leave(visiting));
        else {
          line.close();
          await visiting;
        }
        break;
      }
      line.close();
      const delayMs = conclude(end);
      const error = worded(end.error, feed, wasRenewed, delayMs, broken?.from);
      if (error.disposition === 'fatal') throw error;
      // A token that has come to its end is no failure: there is another one.
      const failed = wasRenewed || !renewed;
      if (failed)
        report({ event: 'attempt.failed', subject: feed.feed, activity: 'next', error, attempt: failures, delayMs });
      await wait(delayMs, stop).catch(() => {});
    }
  } finally {
    await telling.catch(() => {});
  }
}

/** What people need to know where credentials are not accepted. */
function worded(
  error: BridgeError,
  { arrival }: SseFeed,
  renewed: boolean,
  delayMs: number,
  since?: Date,
): BridgeError {
  if (error.code !== 'AUTH_REFUSED') return error;
  const { auth } = arrival.endpoint;
  const secret = auth.kind === 'bearer' ? auth.token : auth.kind === 'oauth2' ? auth.clientSecret : undefined;
  const after = renewed ? ' after one token refresh' : '';
  const silent = since === undefined ? '' : `; reading nothing since ${since.toISOString()}`;
  const message = `${error.message}${after}. Trying again in ${Math.round(delayMs / 1_000)} s${silent}`;
  const hint = secret?.origin === undefined ? {} : { hint: `Check ${secret.origin}.` };
  return new BridgeError('AUTH_REFUSED', message, { cause: error, ...hint });
}
