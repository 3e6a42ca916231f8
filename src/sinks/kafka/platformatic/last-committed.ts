import { setTimeout as delay } from 'node:timers/promises';
import {
  type Connection,
  FetchIsolationLevels,
  type fetchV17,
  kGetApi,
  ListOffsetTimestamps,
  type listOffsetsV9,
  type RecordsBatch,
} from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import { untilAborted } from '../../deadline.ts';
import { codeOf } from '../kafka-codes.ts';
import type { OffsetRange } from '../transactional-client.ts';
import { askWithin, errorName } from './ask-connection.ts';
import type { AnyProducer } from './call.ts';

/** The first look goes so many records back, each further one so many times more. */
const firstLook = 500n;
const widening = 4n;
const fetchBytes = 1_048_576;
const pauseMs = 10;

const control = 1 << 5;
const transactional = 1 << 4;
/** Versions from this one on know topics by an id. */
const fetchById = 13;

type Partition = fetchV17.FetchResponsePartition;

interface Wanted extends OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer;
}

/** See `TransactionalClient.lastCommitted`. Looks from the end backwards. Rejects also with the errors of the client. */
export async function lastCommitted(
  producer: AnyProducer,
  brokerName: string,
  { topic, partition, key, from: first, before }: Wanted,
  signal: AbortSignal,
): Promise<{ readonly value: Buffer | undefined; readonly end: bigint }> {
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

  async function offset(timestamp: bigint, isolation: number): Promise<bigint> {
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
  }

  async function fetch(from: bigint): Promise<Partition | undefined> {
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
    return found;
  }

  /** What is committed for the key from `from` up to `to`, exclusive; null: a record without a value. */
  async function lookIn(from: bigint, to: bigint): Promise<Buffer | null | undefined> {
    let last: Buffer | null | undefined;
    let at = from;
    while (at < to) {
      const found = await fetch(at);
      const batches = found?.records ?? [];
      for (const { batch, record } of committedRecords(batches, found?.abortedTransactions ?? [])) {
        const place = batch.firstOffset + BigInt(record.offsetDelta);
        if (place >= from && place < to && record.key?.equals(key)) last = record.value;
      }
      const end = batches.at(-1);
      if (!end) break;
      at = end.firstOffset + BigInt(end.lastOffsetDelta) + 1n;
    }
    return last;
  }

  const pause = () => untilAborted(delay(pauseMs, undefined, { signal }), signal);
  const latest = () => offset(ListOffsetTimestamps.LATEST, FetchIsolationLevels.READ_UNCOMMITTED);
  const end = before ?? (await latest());
  // A leader that does not have it yet is behind.
  while ((await latest()) < end) await pause();
  while ((await offset(ListOffsetTimestamps.LATEST, FetchIsolationLevels.READ_COMMITTED)) < end) {
    await pause();
  }
  const start = first ?? (await offset(ListOffsetTimestamps.EARLIEST, FetchIsolationLevels.READ_UNCOMMITTED));
  let to = end;
  for (let look = firstLook; to > start; look *= widening) {
    const from = to - look > start ? to - look : start;
    const found = await lookIn(from, to);
    if (found !== undefined) return { value: found ?? undefined, end };
    to = from;
  }
  return { value: undefined, end };
}

/** Leaves out what was aborted, and the markers, as every consumer does that reads what is committed only. */
function* committedRecords(
  batches: readonly RecordsBatch[],
  aborted: readonly fetchV17.FetchResponsePartitionAbortedTransaction[],
) {
  const coming = aborted.toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const within = new Set<bigint>();
  for (const batch of batches) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    while (coming[0] && coming[0].firstOffset <= last) within.add(coming.shift()?.producerId ?? -1n);
    if (batch.attributes & control) {
      // The key of a marker: its version, then 0 for abort.
      if (batch.records[0]?.key?.readInt16BE(2) === 0) within.delete(batch.producerId);
    } else if (!(batch.attributes & transactional && within.has(batch.producerId))) {
      for (const record of batch.records) yield { batch, record };
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
