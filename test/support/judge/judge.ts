import type { LedgerBatch } from '../../../connectors/fenergo/simulator/ledger.ts';

/** An event found in the sink. */
export interface StoredEvent {
  readonly feed: string;
  readonly id: string;
  readonly bytes: Uint8Array;
  /** Which events of the feed have to stay in order with it: those of the same lane. Default: all. */
  readonly lane?: string;
  /** Where in the sink it is, when the sink keeps order within places only: the partition. */
  readonly place?: string | number;
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
  /** In the order in which the events of each lane are in the sink. */
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
  /** Events whose first occurrence follows that of one of their lane that came later from upstream. */
  readonly reordered: readonly string[];
  /** Lanes (`feed/lane`) in more than one place of the sink, where no order is kept between them. */
  readonly scattered: readonly string[];
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

const laneOf = ({ feed, lane = '' }: StoredEvent): string => `${feed}/${lane}`;

/** Holds a drain to the promises of the bridge: loss, order per lane, early completes, and how events are doubled. */
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
    scattered: findScattered(stored),
    early: [...tooEarly, ...unwitnessed].map((batch) => nameOf(batch, batch.batchId)),
    doubled: batches.flatMap((batch) => {
      const copies = batch.eventIds.map((id) => found.get(nameOf(batch, id))?.copies ?? 0);
      const extra = Math.max(0, ...copies) - 1;
      return extra > 0 ? [{ feed: batch.feed, batchId: batch.batchId, extra }] : [];
    }),
    altered: [...altered],
  };
}

/** `firsts`: the first occurrences, in the sink's order within each lane. */
function findReordered(handedOut: readonly string[], firsts: readonly StoredEvent[]): readonly string[] {
  const places = new Map(handedOut.map((name, place) => [name, place]));
  const furthest = new Map<string, number>();
  return firsts
    .filter((event) => {
      const place = places.get(nameOf(event, event.id));
      if (place === undefined) return false;
      const before = furthest.get(laneOf(event)) ?? -1;
      furthest.set(laneOf(event), Math.max(before, place));
      return place < before;
    })
    .map((event) => nameOf(event, event.id));
}

function findScattered(stored: readonly StoredEvent[]): readonly string[] {
  const homes = new Map<string, string | number | undefined>();
  const scattered = new Set<string>();
  for (const event of stored) {
    const lane = laneOf(event);
    if (!homes.has(lane)) homes.set(lane, event.place);
    else if (homes.get(lane) !== event.place) scattered.add(lane);
  }
  return [...scattered];
}
