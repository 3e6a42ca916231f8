import type { EventReceipt } from '../core/archive.ts';
import type { Batch } from '../core/batch.ts';
import type { FeedDefinition } from '../core/connector.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { type BridgeError, toBridgeError } from '../core/errors.ts';
import type { BatchKey, LedgerPart } from '../core/state.ts';
import { atDestination } from './destination.ts';
import type { NormalisedEvent } from './normalise.ts';
import { occurrencesOf } from './occurrence.ts';
import type { BatchGuard, Parking } from './parking.ts';
import { receiptsOf } from './receipts.ts';
import { type RefusedRecords, refusedOf } from './refused.ts';
import type { Share } from './route.ts';
import { whereabouts } from './whereabouts.ts';

/**
 * After a fatal error of one destination, how long the others may go on with what they have. So one that confirms as
 * usual need not get the batch again.
 */
export const lastConfirmsMs = 15_000;

/** What became of a batch at one destination, for good. */
export interface Part {
  /** Those that it has. */
  readonly events: readonly NormalisedEvent[];
  readonly whereabouts: string;
  /** Where each of its events is; empty when that is not known any more. */
  readonly receipts: readonly EventReceipt[];
  /** What it refused, as far as no key is parked for it. */
  readonly refused: readonly DeadLetter[];
  /** What is parked of it: durable already. */
  readonly parked: readonly DeadLetter[];
}

/** What fan-out needs besides batch and destinations. */
export interface FanOutContext {
  /** CloudEvents `source` of the feed. */
  readonly source: string;
  /** What the ids of the feed name. */
  readonly ids?: FeedDefinition['ids'] | undefined;
  /** The destinations that are done with the batch: they do not get it again. */
  readonly parts: readonly LedgerPart[];
  /** The parked keys of the feed. Default: there are none, and never will be. */
  readonly parking?: Parking | undefined;
  /** Makes dead letters durable. */
  setAside(letters: readonly DeadLetter[]): Promise<void>;
  /** Remembers that a destination is done. */
  enterPart(part: LedgerPart): Promise<void>;
}

/** Step 3 and 4 at every destination, side by side. */
export interface FanOut {
  /**
   * Gives the parts in order of the shares, when all destinations are done. Its events are in the queue of each one when
   * it returns. Rejects with the fatal BridgeError of a destination, which names it, or with STOPPING.
   */
  publish(
    batch: Batch,
    key: BatchKey | undefined,
    shares: readonly Share[],
    context: FanOutContext,
    signal: AbortSignal,
  ): Promise<readonly Part[]>;
}

/** What is published under one signal, once it has begun to fail. */
interface Run {
  readonly signal: AbortSignal;
  /** Leaves the destinations a while for what they have. */
  fail(): void;
  /** A batch is given to the destinations. */
  enter(): void;
  /** They are done with it. With the last one, nobody is left a while any more. */
  leave(): void;
}

export function createFanOut({ graceMs = lastConfirmsMs } = {}): FanOut {
  /** One for each signal, as the publishers have it: after a fatal error nothing may overtake at any destination. */
  const runs = new WeakMap<AbortSignal, Run>();

  function runOf(outer: AbortSignal): Run {
    const known = runs.get(outer);
    if (known) return known;
    const end = new AbortController();
    let open = 0;
    let timer: NodeJS.Timeout | undefined;
    const run: Run = {
      signal: AbortSignal.any([outer, end.signal]),
      fail() {
        timer ??= setTimeout(() => end.abort(), graceMs);
      },
      enter() {
        open++;
      },
      leave() {
        open--;
        if (open > 0) return;
        clearTimeout(timer);
        timer = undefined;
      },
    };
    runs.set(outer, run);
    return run;
  }

  async function publishPart(
    batch: Batch,
    key: BatchKey | undefined,
    share: Share,
    context: FanOutContext,
    records: RefusedRecords,
    run: Pick<Run, 'signal'>,
    outer: AbortSignal,
  ): Promise<Part> {
    const { destination, events } = share;
    const { name, identity } = destination;
    const done = context.parts.find((part) => part.destination === identity);
    if (done) return { events, whereabouts: done.whereabouts, receipts: [], refused: [], parked: [] };
    const guard = context.parking?.guard(batch, share, outer);
    const settlements = await publishAt(batch, share, context.ids, run, guard);
    const parked = (await guard?.durable()) ?? [];
    const refused = guard?.onPoison === 'park-key' ? [] : records.at(share, settlements);
    const taken = events.filter((_, at) => settlements[at]?.status === 'confirmed');
    const receipts = receiptsOf(events, settlements, name);
    const part: Part = { events: taken, whereabouts: whereabouts(settlements, name), receipts, refused, parked };
    if (name === undefined) return part;
    if (refused.length > 0) await context.setAside(refused);
    if (key) {
      const { whereabouts: place } = part;
      const entry = {
        ...key,
        destination: identity,
        events: taken.length,
        whereabouts: place,
        publishedAt: new Date(),
      };
      await context.enterPart(entry);
    }
    return part;
  }

  async function publishAt(
    batch: Batch,
    { destination, events }: Share,
    ids: FeedDefinition['ids'],
    run: Pick<Run, 'signal'>,
    guard: BatchGuard | undefined,
  ) {
    const { publisher, name } = destination;
    try {
      const envelopes = events.map((event) => event.envelope);
      return await publisher.publish(
        envelopes,
        batch.feed,
        run.signal,
        occurrencesOf(batch, events, ids),
        guard,
        batch.deadline,
      );
    } catch (thrown) {
      const error = toBridgeError(thrown);
      throw error.disposition === 'fatal' ? atDestination(error, name) : error;
    }
  }

  return {
    async publish(batch, key, shares, context, signal) {
      const [only] = shares;
      const records = refusedOf(batch, context.source);
      if (only && shares.length === 1) {
        return [await publishPart(batch, key, only, context, records, { signal }, signal)];
      }
      const run = runOf(signal);
      const failures: BridgeError[] = [];
      run.enter();
      const publishing = shares.map((share) =>
        publishPart(batch, key, share, context, records, run, signal).catch((thrown: unknown) => {
          const error = toBridgeError(thrown);
          failures.push(error);
          // What comes too late at one of them ends nothing at the others.
          if (error.code !== 'ANSWER_TOO_LATE') run.fail();
          return undefined;
        }),
      );
      const parts = await Promise.all(publishing);
      run.leave();
      // The others may only have been stopped because of the fatal one.
      const failure = failures.find(({ disposition }) => disposition === 'fatal') ?? failures[0];
      if (failure) throw failure;
      return parts.filter((part) => part !== undefined);
    },
  };
}
