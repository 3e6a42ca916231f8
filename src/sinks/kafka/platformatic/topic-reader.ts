import { FetchIsolationLevels, ListOffsetTimestamps, Producer } from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import type { KafkaBroker } from '../config.ts';
import { seenEvent } from '../seen-event.ts';
import type { Tokens } from '../tokens.ts';
import type { TopicReader } from '../topic-reader.ts';
import { askPartitions } from './ask-partitions.ts';
import { classify } from './classify.ts';
import { closeProducer } from './close-producer.ts';
import { followConnections } from './connections.ts';
import { describeTopics } from './describe.ts';
import { producerOptions } from './options.ts';
import { committedRecords, openPartition } from './partition-log.ts';
import { securityOptions } from './security.ts';

/** Of the library's producer it has the connections and the metadata; nothing is produced. */
export function createPlatformaticReader(broker: KafkaBroker, brokerName: string, tokens?: Tokens): TopicReader {
  const security = securityOptions(broker, tokens);
  let tlsTrouble: BridgeError | undefined;
  const options = producerOptions(broker, { compression: 'none' }, () => true, security);
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({ ...options, requestTimeout: broker.confirmTimeout });
  const connections = followConnections(producer.connections, security.tls, (error) => {
    const found = classify(error, brokerName);
    if (found.code === 'BROKER_TLS_REFUSED') tlsTrouble = found;
  });

  function failure(error: unknown): BridgeError {
    const found = classify(error, brokerName);
    const isLost = found.code === 'BROKER_UNREACHABLE' || found.code === 'BROKER_TIMEOUT';
    if (isLost && tlsTrouble) return tlsTrouble;
    if (found.code !== 'BROKER_NOT_AUTHORISED') return found;
    const hint = 'To look at what was published, the account needs the permission Read on the topic.';
    return new BridgeError(found.code, found.message, { cause: error, hint });
  }

  async function bordered<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      // Leaders may have moved since.
      producer.clearMetadata();
      throw failure(error);
    }
  }

  async function refuseMissing(topic: string, partition: number, signal: AbortSignal) {
    const counts = await askPartitions(producer, brokerName, broker, failure, [topic], signal);
    const count = counts instanceof BridgeError ? counts : counts.get(topic);
    if (count instanceof BridgeError) throw count;
    if (count !== undefined && partition < count) return;
    throw new BridgeError('DESTINATION_MISSING', `${brokerName}, topic ${topic}: there is no partition ${partition}`);
  }

  return {
    open: (topic, partition, signal) =>
      bordered(async () => {
        await refuseMissing(topic, partition, signal);
        const log = await openPartition(producer, brokerName, { topic, partition }, signal);
        const offset = (timestamp: bigint, isolation: number) =>
          bordered(async () => Number(await log.offset(timestamp, isolation)));
        return {
          start: () => offset(ListOffsetTimestamps.EARLIEST, FetchIsolationLevels.READ_UNCOMMITTED),
          decided: () => offset(ListOffsetTimestamps.LATEST, FetchIsolationLevels.READ_COMMITTED),
          end: () => offset(ListOffsetTimestamps.LATEST, FetchIsolationLevels.READ_UNCOMMITTED),
          read: (from) =>
            bordered(async () => {
              const fetched = await log.fetch(BigInt(from));
              const records = [...committedRecords(fetched)];
              const events = records.map(({ place, record }) => ({ offset: Number(place), seen: seenEvent(record) }));
              return { events, next: fetched.next === undefined ? undefined : Number(fetched.next) };
            }),
        };
      }),
    isCompacted: (topic, signal) =>
      bordered(async () => {
        const { topics } = await describeTopics(producer, [topic], brokerName, broker, signal);
        const facts = topics.get(topic);
        return facts === undefined || facts instanceof BridgeError ? undefined : facts.settings?.compacted;
      }),
    close: () => closeProducer(producer, connections),
  };
}
