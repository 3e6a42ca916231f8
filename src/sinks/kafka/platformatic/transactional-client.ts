import { type MessageRecord, NumericMap, ProduceAcks, Producer, type produceV11 } from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import { untilAborted } from '../../deadline.ts';
import { type Answer, type KafkaRecord, partitionName } from '../client.ts';
import type { KafkaBroker, KafkaDestination } from '../config.ts';
import type { Tokens } from '../tokens.ts';
import type { ProducerIdentity, TransactionalClient } from '../transactional-client.ts';
import { askWithin } from './ask-connection.ts';
import { askPartitions } from './ask-partitions.ts';
import { classify, classifyAnswer } from './classify.ts';
import { closeProducer } from './close-producer.ts';
import { followConnections } from './connections.ts';
import { createCoordinator } from './coordinator.ts';
import { hasOpenTransaction } from './has-open-transaction.ts';
import { lastCommitted } from './last-committed.ts';
import { longestTransaction } from './longest-transaction.ts';
import { producerOptions } from './options.ts';
import { securityOptions } from './security.ts';

/**
 * Of the library it has the connections, the metadata and the encoding. The requests of a transaction are sent from here:
 * the library's own transactions repeat them also when there was no answer.
 */
export function createPlatformaticTransactions(
  broker: KafkaBroker,
  destination: KafkaDestination,
  brokerName: string,
  transactionalId: string,
  transactionMs: number,
  tokens?: Tokens,
): TransactionalClient {
  const security = securityOptions(broker, tokens);
  let tlsTrouble: BridgeError | undefined;
  const options = producerOptions(broker, destination, () => true, security);
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({ ...options, requestTimeout: broker.confirmTimeout });
  const connections = followConnections(producer.connections, security.tls, (error) => {
    const found = classify(error, brokerName);
    if (found.code === 'BROKER_TLS_REFUSED') tlsTrouble = found;
  });
  const coordinator = createCoordinator(producer, brokerName, transactionalId, transactionMs);
  let identity: ProducerIdentity | undefined;
  /** The next number of each partition, which keeps the broker from taking anything twice. */
  const sequences = new NumericMap();
  const enlisted = new Set<string>();

  function failure(error: unknown): BridgeError {
    const found = classify(error, brokerName);
    const isLost = found.code === 'BROKER_UNREACHABLE' || found.code === 'BROKER_TIMEOUT';
    return isLost && tlsTrouble ? tlsTrouble : found;
  }

  async function bordered<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw failure(error);
    }
  }

  function fenced(): ProducerIdentity {
    if (identity) return identity;
    throw new BridgeError('INTERNAL', 'nothing may be written before the others are fenced');
  }

  async function enlist(records: readonly KafkaRecord[], signal: AbortSignal) {
    const fresh = new Map<string, Set<number>>();
    for (const { topic, partition } of records) {
      if (enlisted.has(partitionName(topic, partition))) continue;
      const own = fresh.get(topic) ?? new Set();
      fresh.set(topic, own.add(partition));
    }
    if (fresh.size === 0) return;
    const wanted = new Map(Array.from(fresh, ([topic, own]) => [topic, [...own]] as const));
    await coordinator.enlist(fenced(), wanted, signal);
    for (const [topic, own] of fresh) for (const partition of own) enlisted.add(partitionName(topic, partition));
  }

  /** One request to one leader, which answers for each partition. */
  async function produce(leader: number, records: readonly KafkaRecord[], signal: AbortSignal) {
    const node = producer.currentMetadata?.brokers.get(leader);
    if (!node) throw new BridgeError('BROKER_UNAVAILABLE', `${brokerName}: a partition has no leader`);
    const connection = await untilAborted(producer.connections.get(node), signal);
    const { compression } = destination;
    const request: produceV11.ProduceRequest = [
      ProduceAcks.ALL,
      broker.confirmTimeout,
      records.map(toMessage),
      { compression, transactionalId, ...fenced(), sequences },
    ];
    const ask = askWithin(producer, signal);
    const response = await ask<typeof request, produceV11.ProduceResponse>(connection, 'Produce', ...request);
    const answers = new Map<string, Answer>();
    for (const { name, partitionResponses } of response.responses) {
      for (const { index, errorCode, errorMessage, baseOffset } of partitionResponses) {
        const partition = partitionName(name, index);
        const where = `${brokerName}, topic ${partition}`;
        if (errorCode !== 0) {
          answers.set(partition, { status: 'refused', error: classifyAnswer(errorCode, errorMessage ?? null, where) });
          continue;
        }
        const count = records.filter((record) => record.topic === name && record.partition === index).length;
        sequences.preIncrement(`${name}:${index}`, count, 0);
        answers.set(partition, { status: 'written', firstOffset: baseOffset });
      }
    }
    return answers;
  }

  return {
    partitions: (topics, signal) => askPartitions(producer, brokerName, broker, failure, topics, signal),
    fence: (known, signal) =>
      bordered(async () => {
        identity = await coordinator.fence(known, signal);
        sequences.clear();
        enlisted.clear();
        return identity;
      }),
    decided: (signal) => bordered(() => coordinator.decided(signal)),
    isOpen: (partitions, producerId, signal) =>
      bordered(() => hasOpenTransaction(producer, partitions, producerId, signal)),
    settle: (outcome, partitions, signal) =>
      bordered(async () => {
        await coordinator.enlist(fenced(), partitions, signal);
        await coordinator.end(fenced(), outcome === 'commit', signal);
      }),
    lastCommitted: (topic, partition, key, range, signal) =>
      bordered(() => lastCommitted(producer, brokerName, { topic, partition, key, ...range }, signal)),
    send: (records, signal) =>
      bordered(async () => {
        const topics = [...new Set(records.map(({ topic }) => topic))];
        const metadata = await untilAborted(producer.metadata({ topics, retries: 0 }), signal);
        await enlist(records, signal);
        const byLeader = Map.groupBy(
          records,
          ({ topic, partition }) => metadata.topics.get(topic)?.partitions[partition]?.leader ?? -1,
        );
        const answers = await Promise.all(Array.from(byLeader, ([leader, own]) => produce(leader, own, signal)));
        return new Map(answers.flatMap((own) => [...own]));
      }),
    end: (outcome, signal) =>
      bordered(async () => {
        await coordinator.end(fenced(), outcome === 'commit', signal);
        enlisted.clear();
      }),
    inspect: (signal) =>
      bordered(async () => {
        const connection = await coordinator.find(signal);
        const node = producer.currentMetadata?.brokers.keys().next().value;
        return await longestTransaction(producer, connection, node ?? 0, signal);
      }),
    close: () => closeProducer(producer, connections),
  };
}

function toMessage({ topic, partition, key, value, headers }: KafkaRecord): MessageRecord {
  return { topic, partition, key, value, headers };
}
