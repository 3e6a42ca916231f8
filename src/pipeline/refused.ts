import type { Batch } from '../core/batch.ts';
import { type DeadLetter, type DeadLetterStage, deadLetterId } from '../core/dead-letter.ts';
import { encodeStructured } from '../core/envelope.ts';
import { BridgeError } from '../core/errors.ts';
import { atDestination } from './destination.ts';
import type { NormalisedEvent, PoisonRecord } from './normalise.ts';
import type { Settlement } from './publisher.ts';
import type { Share } from './route.ts';

/** Makes the dead letters of one batch. */
export interface RefusedRecords {
  /** Of what normalise, a step or a condition refused. `events`: all that the records of the batch have become. */
  before(poison: readonly PoisonRecord[], events: readonly NormalisedEvent[]): readonly DeadLetter[];
  /**
   * Of what a destination refused, named where it is one of several. `settlements` as of the events of its share; `only`
   * of the event at this place.
   */
  at(share: Share, settlements: readonly (Settlement | undefined)[], only?: number): readonly DeadLetter[];
}

/** What a dead letter knows besides its record. */
interface Lacking {
  readonly event?: NormalisedEvent;
  readonly destination?: string | undefined;
  readonly others: readonly NormalisedEvent[];
}

/** What else a record has become. Events of the same id are not told apart, so that all of them count as refused. */
function othersOf(index: number, event: NormalisedEvent | undefined, events: readonly NormalisedEvent[]) {
  const own = event?.envelope.attributes.id;
  return events.filter((other) => other.index === index && other.envelope.attributes.id !== own);
}

export function refusedOf(batch: Batch, source: string): RefusedRecords {
  const { upstreamId: batchId = '', offset = 0 } = batch;

  function letter(
    index: number,
    error: BridgeError,
    stage: DeadLetterStage,
    attempts: number,
    { event, destination, others }: Lacking,
  ): DeadLetter {
    const record = batch.records[index];
    if (!record) throw new BridgeError('INTERNAL', `batch ${batch.upstreamId} has no record ${index}`);
    const at = new Date();
    return {
      id: deadLetterId(source, batchId, offset + index, record.bytes),
      feed: batch.feed,
      source,
      status: 'open',
      code: error.code,
      reason: error.message,
      stage,
      attempts,
      batchId,
      index: offset + index,
      record,
      envelope: event ? encodeStructured(event.envelope) : null,
      firstAt: at,
      lastAt: at,
      ...(event && { partitionKey: event.envelope.attributes.partitionkey }),
      ...(destination !== undefined && { destination }),
      ...(others.length > 0 && { others: others.map(({ envelope }) => envelope.attributes.id) }),
    };
  }

  return {
    before: (poison, events) =>
      poison.map(({ index, error, stage, at }) => {
        const others = othersOf(index, at?.event, events);
        return letter(index, error, stage, 1, { ...at, others });
      }),
    at: ({ destination, events }, settlements, only) =>
      settlements.flatMap((settlement, at) => {
        const event = events[at];
        if (settlement?.status !== 'poison' || !event || at !== (only ?? at)) return [];
        const error = atDestination(settlement.error, destination.name);
        const sound = events.filter((_, other) => settlements[other]?.status !== 'poison');
        const lacking = { event, destination: destination.identity, others: othersOf(event.index, event, sound) };
        return [letter(event.index, error, 'publish', settlement.attempts, lacking)];
      }),
  };
}

/** What either of two lacks. The first, as it is, where the second says nothing new. */
function joined(first: DeadLetter, other: DeadLetter): DeadLetter {
  const { destination, others = [], ...one } = first;
  const both = others.filter((id) => other.others?.includes(id));
  const isLike = destination === other.destination && both.length === others.length;
  if (isLike && one.reason.includes(other.reason)) return first;
  return {
    ...one,
    envelope: one.envelope ?? other.envelope,
    reason: one.reason.includes(other.reason) ? one.reason : `${one.reason}; ${other.reason}`,
    ...(destination !== undefined && destination === other.destination && { destination }),
    ...(both.length > 0 && { others: both }),
  };
}

/** One dead letter a record, whoever refused it: the reasons stand side by side, and it names no destination then. */
export function onePerRecord(letters: readonly DeadLetter[]): readonly DeadLetter[] {
  if (letters.length < 2) return letters;
  const merged = new Map<string, DeadLetter>();
  for (const letter of letters) {
    const other = merged.get(letter.id);
    merged.set(letter.id, other ? joined(other, letter) : letter);
  }
  return [...merged.values()];
}
