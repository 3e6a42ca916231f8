import type { Producer } from '@platformatic/kafka';
import { untilAborted } from '../../deadline.ts';
import { type Answer, type KafkaRecord, partitionName } from '../client.ts';
import { readRefusals, readRejection } from './rejection.ts';

type Bytes = Producer<Buffer, Buffer, Buffer, Buffer>;

/** What goes to one broker: one request, which it answers for all partitions at once. */
interface Part {
  readonly partitions: ReadonlySet<string>;
  /** The broker's last answer that the client means to repeat after. */
  refusal: Error | undefined;
  /** Ends the wait for the client, which would repeat until the deadline. */
  readonly conclude: (refusal: Error) => void;
}

/** The part of a client that produces. Sees to it that a partition in trouble holds up no other one. */
export interface Producing {
  /**
   * One produce; an answer for each partition. Where one is `unknown` the client may still mean to repeat: it has to be
   * closed. `why`: what to say when `signal` aborts.
   */
  send(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
    why: (error: unknown) => Error,
  ): Promise<ReadonlyMap<string, Answer>>;
  /** To be asked when the client is about to repeat a produce: whether its answer will do. */
  settles(error: Error): boolean;
}

/** Of these a repeat within the client knows whether it was written, and does not double it. */
const perhapsWritten: ReadonlySet<string> = new Set(['REQUEST_TIMED_OUT', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND']);

/**
 * The client repeats a request with all its partitions until the last of them is taken. So each broker gets a send of
 * its own, and the first answer counts that tells of all its partitions, good or bad.
 */
export function createProducing(producer: Bytes, brokerName: string): Producing {
  const open = new Set<Part>();

  function leaderOf({ topic, partition }: KafkaRecord): number | undefined {
    return producer.currentMetadata?.topics.get(topic)?.partitions[partition]?.leader;
  }

  async function sendPart(records: readonly KafkaRecord[], signal: AbortSignal, why: (error: unknown) => Error) {
    const { promise: concluded, reject: conclude } = Promise.withResolvers<never>();
    const partitions = new Set(records.map(({ topic, partition }) => partitionName(topic, partition)));
    const part: Part = { partitions, refusal: undefined, conclude };
    open.add(part);
    try {
      const sending = producer.send({ messages: records.map(toMessage) });
      const { offsets = [] } = await untilAborted(Promise.race([sending, concluded]), signal);
      return new Map<string, Answer>(
        offsets.map(({ topic, partition, offset }) => [
          partitionName(topic, partition),
          { status: 'written', firstOffset: offset },
        ]),
      );
    } catch (error) {
      return signal.aborted
        ? readRejection(why(error), partitions, brokerName, part.refusal)
        : readRejection(error, partitions, brokerName);
    } finally {
      open.delete(part);
    }
  }

  return {
    async send(records, signal, why) {
      const parts = Map.groupBy(records, leaderOf);
      const answers = await Promise.all(parts.values().map((part) => sendPart(part, signal, why)));
      return new Map(answers.flatMap((own) => [...own]));
    },

    settles(error) {
      const refusals = readRefusals(error);
      if (refusals.size === 0) return false;
      const part = open.values().find(({ partitions }) => refusals.keys().some((name) => partitions.has(name)));
      if (!part) return false;
      part.refusal = error;
      if (refusals.values().every((code) => perhapsWritten.has(code))) return false;
      part.conclude(error);
      return true;
    },
  };
}

function toMessage({ topic, partition, key, value, headers }: KafkaRecord) {
  return { topic, partition, key, value, headers };
}
