import { type DeadLetter, deadLetterEnvelope } from '../core/dead-letter.ts';
import { toBridgeError } from '../core/errors.ts';
import type { Report } from '../telemetry/events.ts';
import { atDestination } from './destination.ts';
import type { Publisher, Settlement } from './publisher.ts';

/** Publishes a copy of each dead letter. It is the local store that keeps them: it has them before. */
export interface DeadLetterCopies {
  /**
   * Resolves when the copy of each is confirmed, or refused for good, which is an alarm and no more. All are of one
   * feed, and arrive in their order. Rejects with the fatal BridgeError of the destination, which names `deadLetters`,
   * or with STOPPING.
   */
  publish(letters: readonly DeadLetter[], signal: AbortSignal): Promise<void>;
}

/** How messages name the destination: as the configuration does. */
export const copiesName = 'deadLetters';

export function createDeadLetterCopies(publisher: Publisher, report: Report): DeadLetterCopies {
  function tell({ feed, batchId, id }: DeadLetter, settlement: Settlement | undefined) {
    if (settlement?.status === 'poison') {
      const error = atDestination(settlement.error, copiesName);
      report({ event: 'dead-letter.not-copied', feed, batchId, id, error });
    } else if (settlement?.status === 'confirmed') {
      const { destination } = settlement;
      report({ event: 'dead-letter.copied', feed, batchId, id, destination });
    }
  }

  return {
    async publish(letters, signal) {
      const [first] = letters;
      if (!first) return;
      try {
        const settlements = await publisher.publish(letters.map(deadLetterEnvelope), first.feed, signal);
        letters.forEach((letter, at) => {
          tell(letter, settlements[at]);
        });
      } catch (thrown) {
        const error = toBridgeError(thrown);
        throw error.disposition === 'fatal' ? atDestination(error, copiesName) : error;
      }
    },
  };
}
