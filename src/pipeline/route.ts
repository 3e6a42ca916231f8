import { BridgeError, toBridgeError } from '../core/errors.ts';
import { atDestination, type Destination } from './destination.ts';
import type { NormalisedBatch, NormalisedEvent, PoisonRecord } from './normalise.ts';

/** Who may want an event. */
export type Addressee = Pick<Destination, 'name' | 'wants'> & Partial<Pick<Destination, 'identity'>>;

/** What one destination gets of a batch, in order. */
export interface Share<To extends Addressee = Destination> {
  readonly destination: To;
  readonly events: readonly NormalisedEvent[];
  /** Those of them, by their place, that its condition fails on: they take their turn all the same, to park their key. */
  readonly unfit?: ReadonlyMap<number, BridgeError>;
}

/** A batch with who gets what. Events that no destination wants are filtered. */
export interface RoutedBatch<To extends Addressee = Destination> extends NormalisedBatch {
  readonly shares: readonly Share<To>[];
}

/**
 * The end of step 2: asks the condition of each destination about each event. An event that a condition fails on is
 * poison there; other destinations get it all the same. `parks`: it stays among the events, as `unfit`.
 */
export async function routeBatch<To extends Addressee>(
  batch: NormalisedBatch,
  destinations: readonly To[],
  signal: AbortSignal,
  parks = false,
): Promise<RoutedBatch<To>> {
  if (destinations.every(({ wants }) => wants === undefined)) {
    return { ...batch, shares: destinations.map((destination) => ({ destination, events: batch.events })) };
  }
  const poison: PoisonRecord[] = [...batch.poison];
  const met = new Set<NormalisedEvent>();
  const shares: Share<To>[] = [];
  for (const destination of destinations) {
    const { wants, name, identity } = destination;
    const events: NormalisedEvent[] = [];
    const unfit = new Map<number, BridgeError>();
    for (const event of batch.events) {
      if (signal.aborted) throw new BridgeError('STOPPING', 'stopped while conditions were evaluated');
      try {
        if (wants !== undefined && !(await wants(event.envelope))) continue;
        events.push(event);
      } catch (thrown) {
        const error = toBridgeError(thrown);
        if (error.disposition !== 'poison') throw error;
        if (parks) unfit.set(events.push(event) - 1, error);
        else {
          const at = { destination: identity, event };
          poison.push({ index: event.index, error: atDestination(error, name), stage: 'step', at });
        }
      }
      met.add(event);
    }
    shares.push({ destination, events, ...(unfit.size > 0 && { unfit }) });
  }
  return {
    events: batch.events,
    poison: poison.toSorted((a, b) => a.index - b.index),
    filtered: batch.filtered + batch.events.length - met.size,
    shares,
  };
}
