import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { PolledBatch } from '../../core/poll-protocol.ts';
import { backoffMs, wait } from '../../pipeline/backoff.ts';
import type { PacedFeed } from './poll-feed.ts';
import { sendJudged } from './send-judged.ts';

/** Asks a feed for its next batch. */
export interface Asker {
  /**
   * The open batch, or undefined when the feed is empty. Repeats with back-off what is retryable, without end, except
   * that a batch which stays malformed ends in BATCH_UNREADABLE. Rejects with what is fatal, or STOPPING.
   */
  ask(signal: AbortSignal): Promise<PolledBatch | undefined>;
}

export function createAsker(poll: PacedFeed): Asker {
  const { feed, pace, protocol, timing, report } = poll;
  /** Survives a halt: a feed that is probed shows at once that its batch is still unreadable. */
  let malformed = 0;

  async function askOnce(signal: AbortSignal) {
    // A feed that is told of each batch has no cursor.
    const position = protocol.complete ? undefined : await poll.cursors.get(feed);
    const answer = await sendJudged(pace, protocol.next, protocol.readNext, position, signal);
    malformed = 0;
    return answer.kind === 'batch' ? answer.batch : undefined;
  }

  return {
    async ask(signal) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await askOnce(signal);
        } catch (thrown) {
          const error = toBridgeError(thrown);
          pace.failed();
          if (error.disposition !== 'retryable' || signal.aborted) throw error;
          const isMalformed = error.code === 'BATCH_MALFORMED';
          malformed = isMalformed ? malformed + 1 : 0;
          if (malformed >= timing.malformedTries) throw unreadable(error, feed, malformed);
          const own = isMalformed ? backoffMs(timing.malformed, malformed) : backoffMs(timing.retry, attempt);
          const delayMs = retryDelay(own, error, poll);
          report({ event: 'attempt.failed', subject: feed, activity: 'next', error, attempt, delayMs });
          await wait(delayMs, signal);
        }
      }
    },
  };
}

/** Never sooner than upstream asks for, and never later than the cap. */
export function retryDelay(ownMs: number, error: BridgeError, { timing }: PacedFeed): number {
  return Math.max(ownMs, Math.min(error.retryAfterMs ?? 0, timing.retryAfterCapMs));
}

function unreadable(error: BridgeError, feed: string, tries: number): BridgeError {
  return new BridgeError('BATCH_UNREADABLE', `the open batch did not parse ${tries} times: ${error.message}`, {
    cause: error,
    hint: `Nothing was completed. To move it out of the way: feedferry set-aside ${feed} --reason WHY`,
  });
}
