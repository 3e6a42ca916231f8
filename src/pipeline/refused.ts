import type { Batch } from '../core/batch.ts';
import { type DeadLetter, type DeadLetterStage, deadLetterId } from '../core/dead-letter.ts';
import { encodeStructured } from '../core/envelope.ts';
import { BridgeError } from '../core/errors.ts';
import type { NormalisedBatch, NormalisedEvent } from './normalise.ts';
import type { Settlement } from './publisher.ts';

/** What could not be delivered of a batch, as dead letters: refused by normalise or a step, then refused by the broker. */
export function refusedOf(
  batch: Batch,
  source: string,
  normalised: NormalisedBatch,
  settlements: readonly Settlement[],
  at: Date,
): readonly DeadLetter[] {
  const letter = (
    index: number,
    error: BridgeError,
    stage: DeadLetterStage,
    attempts: number,
    event?: NormalisedEvent,
  ): DeadLetter => {
    const record = batch.records[index];
    if (!record) throw new BridgeError('INTERNAL', `batch ${batch.upstreamId} has no record ${index}`);
    const batchId = batch.upstreamId ?? '';
    return {
      id: deadLetterId(source, batchId, index, record.bytes),
      feed: batch.feed,
      source,
      code: error.code,
      reason: error.message,
      stage,
      attempts,
      batchId,
      index,
      record,
      envelope: event ? encodeStructured(event.envelope) : null,
      firstAt: at,
      lastAt: at,
    };
  };

  const letters = normalised.poison.map(({ index, error, stage }) => letter(index, error, stage, 1));
  settlements.forEach((settlement, at) => {
    const event = normalised.events[at];
    if (settlement.status === 'confirmed' || !event) return;
    letters.push(letter(event.index, settlement.error, 'publish', settlement.attempts, event));
  });
  return letters;
}
