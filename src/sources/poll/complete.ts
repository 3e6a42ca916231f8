import type { FeedName } from '../../core/batch.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { HttpResponse } from '../../core/http.ts';
import type { PollContext, PolledBatch } from '../../core/poll-protocol.ts';
import { backoffMs, wait } from '../../pipeline/backoff.ts';
import { type Asker, retryDelay } from './ask.ts';
import type { PacedFeed } from './poll-feed.ts';
import { isSameBatch } from './same-batch.ts';
import { sendJudged } from './send-judged.ts';

/** What upstream showed while a complete was in doubt: the batch that comes after it, or that nothing does. */
export type Glimpse = { readonly next: PolledBatch | undefined };

type Answer = { readonly kind: 'completed' } | { readonly kind: 'refused' | 'unknown'; readonly error: BridgeError };

/**
 * Completes a batch that is safe, for as long as it takes. After anything but a clear yes the next `next` decides: if
 * it shows another batch, or none, this one is complete. Gives what was seen, when it had to look. Rejects with
 * COMPLETE_REFUSED after so many refusals, with what is fatal, or with STOPPING.
 */
export async function completeBatch(
  batch: PolledBatch,
  poll: PacedFeed,
  asker: Asker,
  signal: AbortSignal,
): Promise<Glimpse | undefined> {
  const { feed, timing, report } = poll;
  let refusals = 0;
  let doubtful = false;
  for (let attempt = 1; ; attempt++) {
    const answer = await completeOnce(batch, poll, signal);
    if (answer.kind === 'completed') return undefined;
    const { error } = answer;
    poll.pace.failed();
    const delayMs = retryDelay(backoffMs(timing.retry, attempt), error, poll);
    report({ event: 'attempt.failed', subject: feed, activity: 'complete', error, attempt, delayMs });
    await wait(delayMs, signal);

    const next = await asker.ask(signal);
    if (!isSameBatch(batch, next)) {
      if (answer.kind === 'refused' && !doubtful) reportForeign(batch, poll);
      return { next };
    }
    if (answer.kind === 'refused') refusals++;
    else doubtful = true;
    if (refusals >= timing.refusals) throw completeRefused(error.message, refusals, feed);
  }
}

/** `what` complete answers: its batch stays open. The pipeline adds where the batch is published. */
export function completeRefused(what: string, times: number, feed: FeedName): BridgeError {
  const hint = `Nothing is lost; this feed is stopped, the others run. Check baseUrl and who else polls. Then: feedferry resume ${feed}`;
  return new BridgeError('COMPLETE_REFUSED', `${what} and next returns it again (${times} times).`, { hint });
}

async function completeOnce(batch: PolledBatch, poll: PacedFeed, signal: AbortSignal): Promise<Answer> {
  const { pace, protocol } = poll;
  const { upstreamId } = batch;
  try {
    const { complete } = protocol;
    if (!complete || upstreamId === undefined) return { kind: 'completed' };
    const make = (context: PollContext) => complete.request(upstreamId, context);
    const read = (response: HttpResponse) => ({ status: response.status, answer: complete.read(response) });
    const { status, answer } = await sendJudged(pace, make, read, undefined, signal);
    if (answer === 'completed') return { kind: 'completed' };
    return { kind: 'refused', error: new BridgeError('COMPLETE_UNCONFIRMED', `complete answers ${status}`) };
  } catch (thrown) {
    const error = toBridgeError(thrown);
    if (signal.aborted) throw error;
    return { kind: error.disposition === 'fatal' ? 'refused' : 'unknown', error };
  }
}

function reportForeign(batch: PolledBatch, { feed, report }: PacedFeed) {
  report({
    event: 'feed.foreign-complete',
    feed,
    batchId: batch.upstreamId ?? '',
    error: foreignComplete(batch),
  });
}

export function foreignComplete(batch: PolledBatch): BridgeError {
  return new BridgeError(
    'FOREIGN_COMPLETE',
    `batch ${batch.upstreamId} was completed by somebody else before we did.`,
    { hint: 'Two pollers on one feed reorder and double events: stop one.' },
  );
}
