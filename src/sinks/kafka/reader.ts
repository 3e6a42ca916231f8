import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { ExpectedEvent, Sighting, SinkReader } from '../../core/sink-reader.ts';
import { withDeadline } from '../deadline.ts';
import { partitionName } from './client.ts';
import { type ExpectedAt, lookUpAt } from './look-up.ts';
import type { TopicReader } from './topic-reader.ts';

export interface KafkaReaderOptions {
  readonly brokerName: string;
  readonly reader: TopicReader;
  /** Milliseconds for what is asked for of one partition. */
  readonly readMs: number;
  /** Milliseconds that open transactions may take to end. Default: five seconds. */
  readonly patienceMs?: number;
}

/** Partitions that are read side by side. */
const atOnce = 8;

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly wanted: (ExpectedAt & { readonly at: number })[];
}

function placesOf(expected: readonly ExpectedEvent[]): readonly Place[] {
  const places = new Map<string, Place>();
  expected.forEach((event, at) => {
    const { topic, partition, offset } = event.receipt;
    if (typeof topic !== 'string' || typeof partition !== 'number' || typeof offset !== 'number') return;
    const name = partitionName(topic, partition);
    const place = places.get(name) ?? { topic, partition, wanted: [] };
    places.set(name, place);
    place.wanted.push({ event, offset, at });
  });
  return [...places.values()];
}

/** Looks at the offsets of receipts, as a consumer that reads what is committed only. */
export function openKafkaReader(options: KafkaReaderOptions): SinkReader {
  const { brokerName, reader, readMs, patienceMs = 5_000 } = options;
  const compacted = new Map<string, boolean | undefined>();

  async function isCompacted(topic: string, signal: AbortSignal) {
    if (!compacted.has(topic)) compacted.set(topic, await reader.isCompacted(topic, signal));
    return compacted.get(topic);
  }

  async function lookAt({ topic, partition, wanted }: Place, signal: AbortSignal): Promise<readonly Sighting[]> {
    try {
      const view = await reader.open(topic, partition, signal);
      return await lookUpAt(wanted, { view, isCompacted: () => isCompacted(topic, signal), patienceMs, signal });
    } catch (thrown) {
      const error = toBridgeError(signal.aborted ? signal.reason : thrown);
      if (error.code !== 'DESTINATION_MISSING') throw error;
      return wanted.map(() => ({ status: 'missing', detail: error.message }));
    }
  }

  return {
    async lookUp(expected, signal) {
      const sightings: Sighting[] = expected.map(() => ({
        status: 'unclear',
        detail: 'the receipt names no place in a topic',
      }));
      const places = [...placesOf(expected)];
      const work = async () => {
        for (let place = places.shift(); place; place = places.shift()) {
          const { topic, partition, wanted } = place;
          const what = `${brokerName}, topic ${topic}/${partition}`;
          const late = () => new BridgeError('BROKER_TIMEOUT', `${what}: not read within ${readMs} ms`);
          const found = await withDeadline(signal, readMs, late, (bounded) => lookAt(place, bounded));
          wanted.forEach(({ at }, index) => {
            const sighting = found[index];
            if (sighting) sightings[at] = sighting;
          });
        }
      };
      await Promise.all(Array.from({ length: Math.min(atOnce, places.length) }, work));
      return sightings;
    },
    [Symbol.asyncDispose]: () => reader.close(),
  };
}
