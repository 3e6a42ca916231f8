import type { FeedName } from '../core/batch.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { FencedWriter, TransactionalSink } from '../core/fenced-writer.ts';
import type { Receipt, Routed } from '../core/sink.ts';
import type { Ledger } from '../core/state.ts';
import type { Report } from '../telemetry/events.ts';
import { type BackoffPolicy, backoffMs, brokerBackoff, wait } from './backoff.ts';
import { batchMark, positionOf } from './batch-mark.ts';
import type { Carrier } from './carrier.ts';
import { poisonStopped } from './guard.ts';
import { persist } from './persist.ts';
import type { Settlement } from './publisher.ts';
import { receiptsOf } from './receipts.ts';
import { refusedOf } from './refused.ts';
import { whereabouts } from './whereabouts.ts';

export interface ExactlyOnceOptions {
  readonly feed: FeedName;
  /** The pipeline's one destination. */
  readonly sink: TransactionalSink;
  readonly ledger: Ledger;
  readonly report: Report;
  /** Default: as for brokers. */
  readonly backoff?: BackoffPolicy;
}

/** An event on its way, and its place among those of the batch. */
interface Item {
  readonly routed: Routed;
  readonly at: number;
}

/** For people: the broker's answer with the places was lost. */
const marked: { readonly whereabouts: string } = { whereabouts: 'known by its mark' };

/**
 * One transaction for each batch, with its mark; known by the mark, with the ledger beside it for what was published
 * before. The source is asked only after all others are fenced, and a batch only counts as new when the last mark is
 * neither its own nor a stranger's. So nothing is written twice, whoever died when.
 */
export function exactlyOnce({ feed, sink, ledger, report, backoff = brokerBackoff }: ExactlyOnceOptions): Carrier {
  let writer: FencedWriter | undefined;

  async function opened(signal: AbortSignal): Promise<FencedWriter> {
    writer ??= await persist(() => sink.openWriter(feed, signal), {
      feed,
      activity: 'publish',
      report,
      signal,
      backoff,
    });
    return writer;
  }

  async function discard() {
    const old = writer;
    writer = undefined;
    await old?.[Symbol.asyncDispose]();
  }

  /** Nothing but what is in hand can have been committed meanwhile: else it may be older than what somebody else has written. */
  async function reopened(before: string | undefined, mark: string, signal: AbortSignal): Promise<FencedWriter> {
    const next = await opened(signal);
    if (next.mark === mark || next.mark === before) return next;
    await discard();
    throw new BridgeError('PRODUCER_FENCED', `${feed}: another bridge has published meanwhile`);
  }

  /**
   * Commits the items with the mark. Gives a receipt for each that was not refused, in order; undefined when it was
   * committed without an answer.
   */
  async function transact(
    items: readonly Item[],
    mark: string,
    refuse: (at: number, error: BridgeError, attempts: number) => Promise<void>,
    isLeft: (item: Item) => boolean,
    signal: AbortSignal,
  ): Promise<readonly (Item & { readonly receipt: Receipt })[] | undefined> {
    let open = items;
    let before = writer?.mark;
    for (let attempt = 1; open.length > 0; attempt++) {
      const present = await reopened(before, mark, signal);
      if (present.mark === mark) return undefined;
      before = present.mark;
      const routed = open.map((item) => item.routed);
      const outcome = await present.publish(routed, mark, signal);
      switch (outcome.status) {
        case 'committed':
          return open.map((item, index) => ({ ...item, receipt: outcome.receipts[index] ?? {} }));
        case 'refused': {
          const refused = open[outcome.index];
          if (!refused) throw new BridgeError('INTERNAL', 'the sink refused an event that it was not given');
          await refuse(refused.at, outcome.error, attempt);
          open = open.filter((item) => item !== refused && isLeft(item));
          break;
        }
        default:
          await discard();
          await rest(outcome.error, attempt, signal);
      }
    }
    return [];
  }

  /** Who else may have fenced us is found out by opening again. */
  async function rest(error: BridgeError, attempt: number, signal: AbortSignal) {
    if (signal.aborted || (error.disposition !== 'retryable' && error.code !== 'PRODUCER_FENCED')) throw error;
    const delayMs = backoffMs(backoff, attempt);
    report({ event: 'attempt.failed', subject: feed, activity: 'publish', error, attempt, delayMs });
    await wait(delayMs, signal);
  }

  return {
    oneByOne: true,
    async open(signal) {
      await opened(signal);
    },
    async position(signal) {
      return positionOf((await opened(signal)).mark);
    },
    async recognise(batch, key, signal) {
      const present = await opened(signal);
      if (present.mark !== undefined && present.mark === batchMark(batch, key)) return marked;
      return key && (await persist(() => ledger.find(key), { feed, activity: 'ledger', report, signal, backoff }));
    },
    async publish(batch, key, shares, context, signal) {
      const [only] = shares;
      if (!only || shares.length > 1) throw new BridgeError('INTERNAL', 'exactly-once goes to one destination');
      const share = only;
      const { events } = share;
      const records = refusedOf(batch, context.source);
      const refused: DeadLetter[] = [];
      const settlements: Settlement[] = new Array(events.length);

      const guard = context.parking?.guard(batch, share, signal);
      const isParked = (at: number) => guard?.isParked(events[at]?.envelope.attributes.partitionkey ?? '') ?? false;

      function park(at: number) {
        const settlement = { status: 'parked' } as const;
        settlements[at] = settlement;
        guard?.aside(at, settlement);
      }

      /** Set aside before the mark is written: with that, nobody looks at the batch again. */
      async function refuse(at: number, error: BridgeError, attempts: number) {
        if (guard?.onPoison === 'stop') throw poisonStopped(error);
        const settlement = { status: 'poison', error, attempts } as const;
        settlements[at] = settlement;
        if (guard?.onPoison === 'park-key') {
          guard.aside(at, settlement);
          for (let later = at + 1; later < events.length; later++) {
            if (isParked(later) && settlements[later] === undefined) park(later);
          }
          await guard.durable();
          return;
        }
        const letters = records.at(share, settlements, at);
        await context.setAside(letters);
        refused.push(...letters);
      }

      if (context.before.length > 0) await context.setAside(context.before);
      const items: Item[] = [];
      for (const [at, { envelope }] of events.entries()) {
        if (settlements[at] !== undefined) continue;
        if (isParked(at)) {
          park(at);
          continue;
        }
        try {
          const unfit = guard?.unfit(at);
          if (unfit) throw unfit;
          items.push({ routed: sink.route(envelope, feed), at });
        } catch (thrown) {
          const error = toBridgeError(thrown);
          if (error.disposition !== 'poison') throw error;
          await refuse(at, error, 1);
        }
      }
      const isLeft = ({ at }: Item) => settlements[at] === undefined;
      await guard?.durable();
      const committed = await transact(items, batchMark(batch, key), refuse, isLeft, signal);
      const parked = (await guard?.durable()) ?? [];
      const taken = events.filter((_, at) => settlements[at] === undefined);
      if (!committed) return [{ events: taken, whereabouts: marked.whereabouts, receipts: [], refused, parked }];
      for (const { at, routed, receipt } of committed) {
        settlements[at] = { status: 'confirmed', destination: routed.destination, receipt };
      }
      const receipts = receiptsOf(events, settlements);
      return [{ events: taken, whereabouts: whereabouts(settlements), receipts, refused, parked }];
    },
    close: discard,
  };
}
