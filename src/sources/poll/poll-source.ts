import type { Batch } from '../../core/batch.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { PolledBatch } from '../../core/poll-protocol.ts';
import type { Source } from '../../core/source.ts';
import { backoffMs, wait } from '../../pipeline/backoff.ts';
import { persist } from '../../pipeline/persist.ts';
import { createAsker } from './ask.ts';
import { completeBatch, completeRefused, foreignComplete, type Glimpse } from './complete.ts';
import { nextPollMs } from './next-poll.ts';
import { createPace } from './pace.ts';
import type { PacedFeed, PollFeed } from './poll-feed.ts';
import { isSameBatch } from './same-batch.ts';

/** What became of a batch that was given out. `stuck`: published, but upstream does not let go of it. */
type Fate =
  | { readonly kind: 'acked'; readonly glimpse: Glimpse | undefined }
  | { readonly kind: 'returned' }
  | { readonly kind: 'stuck' };

/**
 * Polls one feed: one batch at a time, since upstream hands out the next one only after the ack. Polls again at once
 * while more is waiting, else as scheduled.
 */
export function createPollSource({ client, ...options }: PollFeed): Source {
  const poll: PacedFeed = { ...options, pace: createPace(client, options.timing.retry.baseMs) };
  const { feed, report, schedule, protocol, timing, pace } = poll;
  const asker = createAsker(poll);
  /** Given back unpublished: if it is gone when we ask again, somebody else has completed it. */
  let returned: PolledBatch | undefined;
  /** Acked last, and how often upstream has handed it out again though it had accepted the complete. */
  let acked: PolledBatch | undefined;
  let repeats = 0;

  async function* batches(stop: AbortSignal): AsyncGenerator<Batch> {
    let glimpse: Glimpse | undefined;
    while (!stop.aborted) {
      const batch = glimpse ? glimpse.next : await asker.ask(stop);
      glimpse = undefined;
      if (returned && !isSameBatch(returned, batch)) {
        report({
          event: 'feed.foreign-complete',
          feed,
          batchId: returned.upstreamId ?? '',
          error: foreignComplete(returned),
        });
      }
      returned = undefined;
      if (!batch) {
        report({ event: 'feed.idle', feed });
        await wait(nextPollMs(schedule, new Date()), stop);
        continue;
      }
      const progress = !acked || !isSameBatch(acked, batch);
      repeats = progress || !protocol.complete ? 0 : repeats + 1;
      if (repeats > 0) await rest(batch, stop);
      const { promise, resolve } = Promise.withResolvers<Fate>();
      yield toBatch(batch, resolve);
      const fate = await promise;
      if (fate.kind === 'stuck') return;
      if (fate.kind === 'returned') {
        returned = batch;
        return;
      }
      acked = batch;
      glimpse = fate.glimpse;
      if (!glimpse && repeats === 0) pace.worked();
      const atOnce = glimpse || (batch.more && (progress || protocol.complete));
      if (!atOnce) await wait(nextPollMs(schedule, new Date()), stop);
    }
  }

  /** Upstream has accepted a complete, and hands out the batch all the same. */
  async function rest({ upstreamId }: PolledBatch, stop: AbortSignal) {
    const message = `complete of batch ${upstreamId} was accepted, but next returns it again`;
    const error = new BridgeError('COMPLETE_UNCONFIRMED', message);
    const delayMs = backoffMs(timing.retry, repeats);
    pace.failed();
    report({ event: 'attempt.failed', subject: feed, activity: 'complete', error, attempt: repeats, delayMs });
    await wait(delayMs, stop);
  }

  function toBatch(batch: PolledBatch, conclude: (fate: Fate) => void): Batch {
    const bytes = batch.records.reduce((sum, record) => sum + record.bytes.length, 0);
    const { upstreamId, position, records } = batch;
    report({ event: 'batch.fetched', feed, batchId: upstreamId ?? '', records: records.length, bytes });
    return {
      feed,
      ...(upstreamId !== undefined && { upstreamId }),
      ...(position !== undefined && { position }),
      bytes,
      records,
      async ack(signal) {
        try {
          if (repeats >= timing.refusals) {
            const times = repeats;
            repeats = 0;
            throw completeRefused('complete is accepted', times, feed);
          }
          const glimpse = await completeBatch(batch, poll, asker, signal);
          if (position !== undefined) {
            await persist(() => poll.cursors.set(feed, position), { feed, activity: 'cursor', report, signal });
          }
          conclude({ kind: 'acked', glimpse });
        } catch (error) {
          conclude({ kind: 'stuck' });
          throw error;
        }
      },
      async nack() {
        conclude({ kind: 'returned' });
      },
    };
  }

  return {
    feed,
    ackOrder: 'in-order',
    async *batches(stop) {
      try {
        yield* batches(stop);
      } catch (thrown) {
        const error = toBridgeError(thrown);
        if (!stop.aborted || error.disposition === 'fatal') throw error;
      }
    },
  };
}
