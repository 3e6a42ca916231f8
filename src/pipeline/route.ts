import { BridgeError, toBridgeError } from '../core/errors.ts';
import { atDestination, type Destination } from './destination.ts';
import type { NormalisedBatch, NormalisedEvent, PoisonRecord } from './normalise.ts';

/** Who may want an event. */
export type Addressee = Pick<Destination, 'name' | 'wants'>;

/** What one destination gets of a batch, in order. */
export interface Share<To extends Addressee = Destination> {
  readonly destination: To;
  readonly events: readonly NormalisedEvent[];
}

/** A batch with who gets what. Events that no destination wants are filtered. */
export interface RoutedBatch<To extends Addressee = Destination> extends NormalisedBatch {
  readonly shares: readonly Share<To>[];
}

/**
 * The end of step 2: asks the condition of each destination about each event. An event that a condition fails on is
 * poison there; other destinations get it all the same.
 */
export async function routeBatch<To extends Addressee>(
  batch: NormalisedBatch,
  destinations: readonly To[],
  signal: AbortSignal,
): Promise<RoutedBatch<To>> {
  if (destinations.every(({ wants }) => wants === undefined)) {
    return { ...batch, shares: destinations.map((destination) => ({ destination, events: batch.events })) };
  }
  const poison: PoisonRecord[] = [...batch.poison];
  const met = new Set<NormalisedEvent>();
  const shares: Share<To>[] = [];
  for (const destination of destinations) {
    const { wants, name } = destination;
    const events: NormalisedEvent[] = [];
    for (const event of batch.events) {
      if (signal.aborted) throw new BridgeError('STOPPING', 'stopped while conditions were evaluated');
      try {
        if (wants !== undefined && !(await wants(event.envelope))) continue;
        events.push(event);
      } catch (thrown) {
        const error = toBridgeError(thrown);
        if (error.disposition !== 'poison') throw error;
        poison.push({ index: event.index, error: atDestination(error, name), stage: 'step' });
      }
      met.add(event);
    }
    shares.push({ destination, events });
  }
  return {
    events: batch.events,
    poison: poison.toSorted((a, b) => a.index - b.index),
    filtered: batch.filtered + batch.events.length - met.size,
    shares,
  };
}
