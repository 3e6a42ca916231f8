import type { Delivery, Routed } from '../../../src/core/sink.ts';
import type { StoredEvent } from '../../conformance/sink/harness.ts';
import type { Outage, OutageSubject } from '../../conformance/sink-outages/harness.ts';
import { confirm, createFakeSink, failed, unknown } from '../../support/fake-sink.ts';

/** What a sink may do against its promises. */
export type Plant =
  | 'none'
  | 'confirms early'
  | 'takes unknown for confirmed'
  | 'goes on in a lane after a failure'
  | 'alters what it sends again'
  | 'drops what it sends again'
  | 'stores poison'
  | 'forgets a connection';

/** A broker in memory with a sink before it, and a way to break what is between them. */
export interface PlantedSubject extends OutageSubject {
  readonly outage: Outage;
}

/** Larger than that is poison. */
export const largest = 1_000;

/** While the broker is away, what comes may be stored or not, without a word: by turns. */
export function openPlanted(plant: Plant): PlantedSubject {
  const stored: StoredEvent[] = [];
  const sent = new Set<string>();
  let away = false;
  let inDoubt = 0;

  function store({ envelope: { attributes, data } }: Routed) {
    const { id, partitionkey } = attributes;
    const repeated = sent.has(id);
    sent.add(id);
    if (plant === 'drops what it sends again' && repeated) return;
    const altered = plant === 'alters what it sends again' && repeated;
    const bytes = altered ? Buffer.concat([data.bytes, Buffer.from(' ')]) : data.bytes;
    stored.push({ id, partitionkey, bytes, data: data.bytes });
  }

  function deliver(item: Routed): Delivery {
    if (item.envelope.data.bytes.length > largest) {
      if (plant === 'stores poison') store(item);
      return failed('EVENT_TOO_LARGE');
    }
    if (!away) {
      store(item);
      return confirm;
    }
    inDoubt++;
    if (plant === 'confirms early' && inDoubt % 2 === 0) return confirm;
    if (inDoubt % 3 === 0) return failed('BROKER_UNAVAILABLE');
    if (inDoubt % 3 === 1) store(item);
    sent.add(item.envelope.attributes.id);
    return plant === 'takes unknown for confirmed' ? confirm : unknown('BROKER_UNAVAILABLE');
  }

  const sink = createFakeSink({
    async answer({ items }) {
      // Not more often than a broker would.
      await new Promise((resolve) => setTimeout(resolve, 1));
      const shut = new Set<string>();
      return items.map((item) => {
        if (shut.has(item.lane)) return failed('NOT_SENT');
        const delivery = deliver(item);
        const open = delivery.status !== 'confirmed' && delivery.error.disposition !== 'poison';
        if (open && plant !== 'goes on in a lane after a failure') shut.add(item.lane);
        return delivery;
      });
    },
  });

  return {
    sink,
    feeds: ['planted/one', 'planted/two'],
    ordered: true,
    read: async () => stored,
    connections: () => (plant === 'forgets a connection' ? 1 : 0),
    outage: {
      kind: 'outage',
      told: 'BROKER_UNAVAILABLE',
      async begin() {
        away = true;
      },
      async heal() {
        away = false;
      },
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
