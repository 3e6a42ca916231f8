import { encodeStructured } from '../../src/core/envelope.ts';
import type { Delivery, Routed } from '../../src/core/sink.ts';
import { confirm, failed, unknown } from '../support/fake-sink.ts';
import type { Fate } from './fates.ts';

/** A broker with a log, which keeps to the contract of Sink but is as unreliable as its fates make it. */
export interface Broker {
  /** Ids in order of writing. */
  readonly log: readonly string[];
  /** What it refuses for good. */
  readonly poisoned: ReadonlySet<string>;
  /** From now on it takes what it has refused. */
  mend(): void;
  /** Ids that were written again with other bytes, or into another lane. */
  readonly altered: readonly string[];
  deliver(items: readonly Routed[], fate: Fate): readonly Delivery[];
  /** Writes what a fate concerns; what it has refused for good it does not take later either. */
  land(items: readonly Routed[], fate: Fate): void;
}

/** How long a broker that is asked too much wants to be left alone. */
const rests: Readonly<Record<string, { readonly retryAfterMs: number }>> = {
  throttled: { retryAfterMs: 20_000 },
  'throttled for ever': { retryAfterMs: 1_000_000 * 3_600_000 },
};

export function createBroker(): Broker {
  const log: string[] = [];
  const altered: string[] = [];
  const poisoned = new Set<string>();
  const contents = new Map<string, string>();

  function write({ envelope, lane }: Routed) {
    const { id } = envelope.attributes;
    const content = `${lane} ${Buffer.from(encodeStructured(envelope)).toString()}`;
    if ((contents.get(id) ?? content) !== content) altered.push(id);
    contents.set(id, content);
    log.push(id);
  }

  function concerned(items: readonly Routed[], { at, alone }: Fate): readonly Routed[] {
    const from = at % items.length;
    return items.slice(from).filter(({ lane }) => !alone || lane === items[from]?.lane);
  }

  return {
    log,
    poisoned,
    altered,
    mend: () => poisoned.clear(),
    deliver(items, fate) {
      const { kind } = fate;
      const exempt = kind === 'well' ? [] : concerned(items, fate);
      const [first] = exempt;
      if (kind === 'poison' && first) poisoned.add(first.envelope.attributes.id);
      const stopped = new Set<string>();
      let written = 0;
      return items.map((item) => {
        const isPoisoned = poisoned.has(item.envelope.attributes.id);
        if (kind !== 'poison' && exempt.includes(item)) {
          const again = stopped.has(item.lane);
          stopped.add(item.lane);
          if (kind === 'fatal') return failed(again ? 'NOT_SENT' : 'DESTINATION_MISSING');
          if (kind === 'refused') return failed(again ? 'NOT_SENT' : 'BROKER_UNAVAILABLE');
          if (kind in rests) return again ? failed('NOT_SENT') : failed('BROKER_UNAVAILABLE', rests[kind]);
          if (kind === 'unknown' && written++ < fate.wrote && !isPoisoned) write(item);
          return unknown();
        }
        if (isPoisoned) return failed('EVENT_REFUSED');
        write(item);
        return confirm;
      });
    },
    land(items, fate) {
      for (const item of concerned(items, fate)) if (!poisoned.has(item.envelope.attributes.id)) write(item);
    },
  };
}
