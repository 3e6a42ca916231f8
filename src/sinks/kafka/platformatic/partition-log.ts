import {
  type Connection,
  FetchIsolationLevels,
  type fetchV17,
  type KafkaRecord,
  kGetApi,
  type listOffsetsV9,
  type RecordsBatch,
} from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import { untilAborted } from '../../deadline.ts';
import { codeOf } from '../kafka-codes.ts';
import { askWithin, errorName } from './ask-connection.ts';
import type { AnyProducer } from './call.ts';

const fetchBytes = 1_048_576;

const control = 1 << 5;
const transactional = 1 << 4;
/** Versions from this one on know topics by an id. */
const fetchById = 13;

/** What a leader gives at once, with what was aborted; before the last end of a committed transaction. */
export interface Fetched {
  readonly batches: readonly RecordsBatch[];
  readonly aborted: readonly fetchV17.FetchResponsePartitionAbortedTransaction[];
  /** The offset after it; undefined: nothing was given. */
  readonly next: bigint | undefined;
}

/** A partition as its leader has it. Rejects with a BridgeError, also with the errors of the client. */
export interface PartitionLog {
  /** As ListOffsets has it. `timestamp`: a moment, or one of ListOffsetTimestamps. */
  offset(timestamp: bigint, isolation: number): Promise<bigint>;
  /** What is committed, or was aborted, from an offset on. What comes first may begin before it. */
  fetch(from: bigint): Promise<Fetched>;
}

/** Asks who leads it. Joins no group, and leaves no trace at the broker. */
export async function openPartition(
  producer: AnyProducer,
  brokerName: string,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  signal: AbortSignal,
): Promise<PartitionLog> {
  const ask = askWithin(producer, signal);
  const metadata = await untilAborted(producer.metadata({ topics: [topic], retries: 0 }), signal);
  const known = metadata.topics.get(topic);
  const leader = metadata.brokers.get(known?.partitions[partition]?.leader ?? -1);
  if (!known || !leader) throw new BridgeError('BROKER_UNAVAILABLE', `${brokerName}, topic ${topic}: no leader`);
  const connection: Connection = await untilAborted(producer.connections.get(leader), signal);
  const topicId = (await fetchVersion(producer, signal)) >= fetchById ? known.id : topic;

  function check(errorCode: number) {
    const name = errorName(errorCode);
    if (name !== undefined) throw new BridgeError(codeOf(name), `${brokerName}, topic ${topic}: ${name}`);
  }

  return {
    async offset(timestamp, isolation) {
      const wanted = { name: topic, partitions: [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp }] };
      const request: listOffsetsV9.ListOffsetsRequest = [-1, isolation, [wanted]];
      const { topics } = await ask<typeof request, listOffsetsV9.ListOffsetsResponse>(
        connection,
        'ListOffsets',
        ...request,
      );
      const found = topics[0]?.partitions[0];
      check(found?.errorCode ?? 0);
      return found?.offset ?? 0n;
    },
    async fetch(from) {
      const wanted = {
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: from,
        lastFetchedEpoch: -1,
        partitionMaxBytes: fetchBytes,
      };
      const topics = [{ topicId, partitions: [wanted] }];
      // Session 0 with epoch -1: none.
      const request: fetchV17.FetchRequest = [
        0,
        0,
        fetchBytes,
        FetchIsolationLevels.READ_COMMITTED,
        0,
        -1,
        topics,
        [],
        '',
      ];
      const answer = await ask<typeof request, fetchV17.FetchResponse>(connection, 'Fetch', ...request);
      check(answer.errorCode);
      const found = answer.responses[0]?.partitions[0];
      check(found?.errorCode ?? 0);
      const batches = found?.records ?? [];
      const end = batches.at(-1);
      const next = end && end.firstOffset + BigInt(end.lastOffsetDelta) + 1n;
      return { batches, aborted: found?.abortedTransactions ?? [], next };
    },
  };
}

/** Leaves out what was aborted, and the markers, as every consumer does that reads what is committed only. */
export function* committedRecords({ batches, aborted }: Fetched): Generator<{
  readonly place: bigint;
  readonly record: KafkaRecord;
}> {
  const coming = aborted.toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const within = new Set<bigint>();
  for (const batch of batches) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    while (coming[0] && coming[0].firstOffset <= last) within.add(coming.shift()?.producerId ?? -1n);
    if (batch.attributes & control) {
      // The key of a marker: its version, then 0 for abort.
      if (batch.records[0]?.key?.readInt16BE(2) === 0) within.delete(batch.producerId);
    } else if (!(batch.attributes & transactional && within.has(batch.producerId))) {
      for (const record of batch.records) yield { place: batch.firstOffset + BigInt(record.offsetDelta), record };
    }
  }
}

async function fetchVersion(producer: AnyProducer, signal: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  producer[kGetApi]<unknown[], unknown>('Fetch', (error, api) => {
    if (error || !api) reject(error);
    else resolve(Number(Reflect.get(api, 'version')));
  });
  return await untilAborted(promise, signal);
}
