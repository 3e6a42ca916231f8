import type { Message } from 'kafkajs';
import { BridgeError } from '../../../core/errors.ts';
import { untilAborted } from '../../deadline.ts';
import { type Answer, type KafkaRecord, partitionName } from '../client.ts';
import type { KafkaDestination } from '../config.ts';
import { type Access, openKafka } from './open-kafka.ts';
import { compressionTypes } from './options.ts';
import { readRejection } from './rejection.ts';

/** One connected producer. After any answer but `written` it is of no more use. */
export interface Session {
  /** Has the producer look up where the topics are, where it does not know. Rejects with a BridgeError. */
  prepare(topics: readonly string[], signal: AbortSignal): Promise<void>;
  /** All records are for one partition. Never rejects. */
  send(records: readonly KafkaRecord[], signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

export function openSession(access: Access, { compression }: KafkaDestination, seed: number): Session {
  const { broker, brokerName } = access;
  // A send that is given up early is one more that may be written twice.
  const timeout = broker.confirmTimeout;
  const open = openKafka(access, seed, timeout);
  const producer = open.producer();
  const codec = compression === 'gzip' ? compressionTypes.gzip : compressionTypes.none;
  let connected: Promise<void> | undefined;
  let lookups = 0;
  producer.on('producer.network.request', ({ payload }) => {
    if (payload.apiName === 'Metadata') lookups++;
  });

  return {
    async prepare(topics, signal) {
      try {
        connected ??= producer.connect();
        await untilAborted(connected, signal);
        const nothing = topics.map((topic) => ({ topic, messages: [] }));
        await untilAborted(producer.sendBatch({ topicMessages: nothing }), signal);
      } catch (error) {
        throw open.classify(error, brokerName);
      }
    },

    async send(records, signal) {
      const [{ topic, partition } = { topic: '', partition: 0 }] = records;
      const where = `${brokerName}, topic ${partitionName(topic, partition)}`;
      const before = lookups;
      const messages = records.map(toMessage);
      try {
        const sent = producer.send({ topic, messages, acks: -1, timeout, compression: codec });
        return readAnswer(await untilAborted(sent, signal), partition, where);
      } catch (error) {
        if (signal.aborted) return { status: 'unknown', error: open.classify(error, where) };
        return readRejection(open.classify(error, where), lookups === before);
      }
    },

    async close() {
      producer.disconnect().catch(() => {});
      await open.close();
    },
  };
}

/** A partition that the library does not know is left out without a word. */
function readAnswer(
  answered: readonly { readonly partition: number; readonly baseOffset?: string }[],
  partition: number,
  where: string,
): Answer {
  const offset = answered.find((answer) => answer.partition === partition)?.baseOffset;
  if (offset === undefined || offset.startsWith('-')) {
    return { status: 'unknown', error: new BridgeError('BROKER_UNAVAILABLE', `${where}: no offset was given`) };
  }
  return { status: 'written', firstOffset: BigInt(offset) };
}

function toMessage({ partition, key, value, headers }: KafkaRecord): Message {
  const named: Record<string, Buffer> = {};
  for (const [name, held] of headers) named[name.toString()] = held;
  return { partition, key, value, headers: named };
}
