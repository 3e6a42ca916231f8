import type { Batch, FeedName } from '../../core/batch.ts';
import { BridgeError } from '../../core/errors.ts';
import type { Accepted, Intake } from '../../core/hook.ts';
import type { RawRecord } from '../../core/record.ts';
import type { Source } from '../../core/source.ts';
import { createDeadlines, type Deadlines, grainMs } from '../../pipeline/deadlines.ts';
import type { Report } from '../../telemetry/events.ts';
import { sameness } from './sameness.ts';
import { createWaiting, type Waiting } from './waiting.ts';

export interface WebhookFeed {
  readonly feed: FeedName;
  /** Most requests, and bytes of their records, that are in hand at once, those that nobody waits for any more included. */
  readonly bound: { readonly batches: number; readonly bytes: number };
  readonly report: Report;
  /** Default: its own. */
  readonly deadlines?: Deadlines;
}

/** What came in one request, until it is settled. */
interface InHand {
  readonly name: string;
  readonly batch: Batch;
  /** Those who sent it, and still wait. */
  readonly senders: Set<(accepted: Accepted) => void>;
}

const safe: Accepted = { status: 'safe' };

function unsafe(code: 'HOOK_CLOSED' | 'HOOK_OVERLOADED' | 'ANSWER_TOO_LATE', message: string): Accepted {
  return { status: 'unsafe', error: new BridgeError(code, message) };
}

/**
 * Fed by requests: each is a batch of its own, in order of acceptance, acked in any order. What comes again while it is in
 * hand joins it. Takes something only while it is asked for batches; what was not yet given out when that ends is refused.
 */
export function createWebhookSource(options: WebhookFeed): Source & Intake {
  const { feed, bound, report, deadlines = createDeadlines() } = options;
  const inHand = new Map<string, InHand>();
  let held = 0;
  /** What waits for whoever takes batches now. */
  let waiting: Waiting<InHand> | undefined;

  function settle(one: InHand, accepted: Accepted) {
    if (inHand.get(one.name) !== one) return;
    inHand.delete(one.name);
    held -= one.batch.bytes;
    if (one.senders.size === 0) report({ event: 'request.settled-late', feed, safe: accepted.status === 'safe' });
    for (const tell of one.senders) tell(accepted);
  }

  function take(
    to: Waiting<InHand>,
    name: string,
    records: readonly RawRecord[],
    bytes: number,
    deadline: number,
  ): InHand {
    const one: InHand = {
      name,
      senders: new Set(),
      batch: {
        feed,
        deadline,
        bytes,
        records,
        async ack() {
          settle(one, safe);
        },
        async nack(error) {
          settle(one, { status: 'unsafe', error });
        },
      },
    };
    inHand.set(name, one);
    held += bytes;
    to.push(one);
    return one;
  }

  /** Until it is settled, or too late for this sender. */
  function fateOf(one: InHand, deadline: number): Promise<Accepted> {
    const { promise, resolve } = Promise.withResolvers<Accepted>();
    const tell = (accepted: Accepted) => {
      one.senders.delete(tell);
      undo();
      resolve(accepted);
    };
    // A moment after whoever has it gives it back, and says why.
    const undo = deadlines.at(deadline + grainMs, () =>
      tell(unsafe('ANSWER_TOO_LATE', 'not all of it is safe in time')),
    );
    one.senders.add(tell);
    return promise;
  }

  const closed = () => unsafe('HOOK_CLOSED', 'the feed has stopped taking requests');

  function open(): Waiting<InHand> {
    // Nobody settles any more what an earlier run has given out: a repeat of it must not join it.
    for (const one of inHand.values()) settle(one, closed());
    waiting = createWaiting<InHand>();
    return waiting;
  }

  function close(own: Waiting<InHand>) {
    if (waiting === own) waiting = undefined;
    for (const one of own.close()) settle(one, closed());
  }

  return {
    feed,
    ackOrder: 'independent',
    async accept(records, deadline) {
      if (waiting === undefined) return unsafe('HOOK_CLOSED', 'the feed takes no requests right now');
      const name = sameness(records);
      const known = inHand.get(name);
      if (known !== undefined) return fateOf(known, deadline);
      const bytes = records.reduce((sum, record) => sum + record.bytes.length, 0);
      const isFull = inHand.size >= bound.batches || (inHand.size > 0 && held + bytes > bound.bytes);
      if (isFull) return unsafe('HOOK_OVERLOADED', 'too many requests of the feed are in flight');
      return fateOf(take(waiting, name, records, bytes, deadline), deadline);
    },
    async *batches(stop) {
      if (stop.aborted) return;
      const own = open();
      // All that a probe can find out: it takes requests again.
      report({ event: 'feed.idle', feed });
      const end = () => close(own);
      stop.addEventListener('abort', end, { once: true });
      try {
        for (let one = await own.next(); one !== undefined; one = await own.next()) {
          const { batch } = one;
          report({ event: 'batch.fetched', feed, batchId: '', records: batch.records.length, bytes: batch.bytes });
          yield batch;
        }
      } finally {
        stop.removeEventListener('abort', end);
        end();
      }
    },
  };
}
