import type { LedgerBatch } from '../../../connectors/fenergo/simulator/ledger.ts';

/** An event found in the sink. */
export interface StoredEvent {
  readonly feed: string;
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** A complete that reached upstream, and the events of its batch that were not in the sink at that moment. */
export interface WitnessedComplete {
  readonly feed: string;
  readonly batchId: string;
  readonly absent: readonly string[];
}

/** What upstream and the sink know of a drain. Nothing in it comes from the bridge. */
export interface Evidence {
  /** In the order in which the batches of each feed were handed out; event ids occur once per feed. */
  readonly batches: readonly LedgerBatch[];
  readonly completes: readonly WitnessedComplete[];
  /** In the order in which the events of each feed are in the sink. */
  readonly stored: readonly StoredEvent[];
}

export interface DoubledBatch {
  readonly feed: string;
  readonly batchId: string;
  /** How many times more than once its most frequent event is in the sink. */
  readonly extra: number;
}

/** What was broken, by `feed/id` of the event or `feed/batchId`; empty lists: nothing. */
export interface Verdict {
  /** Batches that were handed out and not completed: the drain has not ended. */
  readonly open: readonly string[];
  /** Events of completed batches that are not in the sink. */
  readonly lost: readonly string[];
  /** Events in the sink that upstream has not handed out. */
  readonly alien: readonly string[];
  /** Events whose first occurrence follows that of one that came later from upstream. */
  readonly reordered: readonly string[];
  /** Batches that were told complete while events of them were missing in the sink, or that nobody saw completed. */
  readonly early: readonly string[];
  readonly doubled: readonly DoubledBatch[];
  /** Events that are in the sink twice with different bytes. */
  readonly altered: readonly string[];
}

interface Found {
  readonly first: StoredEvent;
  copies: number;
}

const nameOf = ({ feed }: { readonly feed: string }, id: string): string => `${feed}/${id}`;

/** Holds a drain to the promises of the bridge: loss, order per feed, early completes, and how events are doubled. */
export function judge({ batches, completes, stored }: Evidence): Verdict {
  const found = new Map<string, Found>();
  const altered = new Set<string>();
  for (const event of stored) {
    const name = nameOf(event, event.id);
    const known = found.get(name);
    if (!known) found.set(name, { first: event, copies: 1 });
    else {
      known.copies += 1;
      if (Buffer.compare(known.first.bytes, event.bytes) !== 0) altered.add(name);
    }
  }

  const handedOut = batches.flatMap((batch) => batch.eventIds.map((id) => nameOf(batch, id)));
  const completed = batches.filter((batch) => batch.completed !== null);
  const witnessed = new Set(completes.map((complete) => nameOf(complete, complete.batchId)));
  const tooEarly = completes.filter(({ absent }) => absent.length > 0);
  const unwitnessed = completed.filter((batch) => !witnessed.has(nameOf(batch, batch.batchId)));

  return {
    open: batches.filter((batch) => batch.completed === null).map((batch) => nameOf(batch, batch.batchId)),
    lost: completed.flatMap((batch) =>
      batch.eventIds.map((id) => nameOf(batch, id)).filter((name) => !found.has(name)),
    ),
    alien: [...new Set(found.keys()).difference(new Set(handedOut))],
    reordered: findReordered(
      handedOut,
      [...found.values()].map(({ first }) => first),
    ),
    early: [...tooEarly, ...unwitnessed].map((batch) => nameOf(batch, batch.batchId)),
    doubled: batches.flatMap((batch) => {
      const copies = batch.eventIds.map((id) => found.get(nameOf(batch, id))?.copies ?? 0);
      const extra = Math.max(0, ...copies) - 1;
      return extra > 0 ? [{ feed: batch.feed, batchId: batch.batchId, extra }] : [];
    }),
    altered: [...altered],
  };
}

/** `firsts`: the first occurrences, in the sink's order within each feed. */
function findReordered(handedOut: readonly string[], firsts: readonly StoredEvent[]): readonly string[] {
  const places = new Map(handedOut.map((name, place) => [name, place]));
  const furthest = new Map<string, number>();
  return firsts
    .map((event) => ({ feed: event.feed, name: nameOf(event, event.id) }))
    .filter(({ feed, name }) => {
      const place = places.get(name);
      if (place === undefined) return false;
      const before = furthest.get(feed) ?? -1;
      furthest.set(feed, Math.max(before, place));
      return place < before;
    })
    .map(({ name }) => name);
}
