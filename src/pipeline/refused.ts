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
  /** Of what normalise, a step or a condition refused. */
  before(poison: readonly PoisonRecord[]): readonly DeadLetter[];
  /** Of what a destination refused, named where it is one of several. `settlements` as of the events of its share. */
  at(share: Share, settlements: readonly Settlement[]): readonly DeadLetter[];
}

export function refusedOf(batch: Batch, source: string): RefusedRecords {
  const { upstreamId: batchId = '', offset = 0 } = batch;

  function letter(
    index: number,
    error: BridgeError,
    stage: DeadLetterStage,
    attempts: number,
    lacking: { readonly event?: NormalisedEvent; readonly destination?: string } = {},
  ): DeadLetter {
    const { event, destination } = lacking;
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
    };
  }

  return {
    before: (poison) => poison.map(({ index, error, stage }) => letter(index, error, stage, 1)),
    at: ({ destination, events }, settlements) =>
      settlements.flatMap((settlement, at) => {
        const event = events[at];
        if (settlement.status !== 'poison' || !event) return [];
        const error = atDestination(settlement.error, destination.name);
        const lacking = { event, destination: destination.identity };
        return [letter(event.index, error, 'publish', settlement.attempts, lacking)];
      }),
  };
}

/** One dead letter a record, whoever refused it: the reasons stand side by side, and it names no destination then. */
export function onePerRecord(letters: readonly DeadLetter[]): readonly DeadLetter[] {
  const merged = new Map<string, DeadLetter>();
  for (const letter of letters) {
    const other = merged.get(letter.id);
    if (!other) merged.set(letter.id, letter);
    else if (!other.reason.includes(letter.reason)) {
      const { destination, ...rest } = other;
      const envelope = other.envelope ?? letter.envelope;
      const lacking = destination === letter.destination && destination !== undefined ? { destination } : {};
      merged.set(letter.id, { ...rest, ...lacking, envelope, reason: `${other.reason}; ${letter.reason}` });
    }
  }
  return [...merged.values()];
}
