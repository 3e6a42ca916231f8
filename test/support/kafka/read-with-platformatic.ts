import { Consumer, ListOffsetTimestamps } from '@platformatic/kafka';
import { patiently } from './patiently.ts';
import type { ReadRecord } from './read-topic.ts';

type Fetched = Awaited<ReturnType<Consumer['fetch']>>;
type Records = NonNullable<Fetched['responses'][number]['partitions'][number]['records']>[number];

const control = 0b10_0000;
const appendTime = 0b1000;
const fetchBytes = 8 * 2 ** 20;

function toRecords(partition: number, batch: Records): readonly ReadRecord[] {
  if (batch.attributes & control) return [];
  return batch.records.map(({ offsetDelta, timestampDelta, key, value, headers }) => ({
    partition,
    offset: Number(batch.firstOffset) + offsetDelta,
    key: key?.toString(),
    headers: Object.fromEntries(headers.map(([name, held]) => [String(name), String(held)])),
    value: value ?? Buffer.alloc(0),
    // The library's own streams overlook that the broker has put its time in the place of the producer's.
    timestamp: Number(batch.attributes & appendTime ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta),
  }));
}

/** See `readTopic`. Fetches from the leaders of the partitions, without a consumer group. */
export async function readWithPlatformatic(bootstrap: string, topic: string): Promise<readonly ReadRecord[]> {
  const consumer = new Consumer({
    clientId: 'reader',
    groupId: 'never-joined',
    bootstrapBrokers: bootstrap.split(','),
    maxWaitTime: 100,
  });
  const records: ReadRecord[] = [];

  async function readPartition(partition: number, begin: bigint, end: bigint): Promise<void> {
    for (let next = begin; next < end; ) {
      const batches = await patiently(() => fetchFrom(partition, next));
      for (const batch of batches) {
        // The first batch of an answer may begin before the offset that was asked for.
        const fresh = toRecords(partition, batch).filter(({ offset }) => offset >= next && offset < end);
        records.push(...fresh);
        next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
      }
    }
  }

  async function fetchFrom(partition: number, fetchOffset: bigint): Promise<readonly Records[]> {
    const { topics } = await consumer.metadata({ topics: [topic] });
    const { id: topicId = '', partitions = [] } = topics.get(topic) ?? {};
    const wanted = {
      partition,
      fetchOffset,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
      partitionMaxBytes: fetchBytes,
    };
    const { responses } = await consumer.fetch({
      node: partitions[partition]?.leader ?? -1,
      topics: [{ topicId, partitions: [wanted] }],
    });
    const answers = responses.flatMap((response) => response.partitions);
    return answers.find(({ partitionIndex }) => partitionIndex === partition)?.records ?? [];
  }

  try {
    const timestamp = ListOffsetTimestamps.EARLIEST;
    const begins = await patiently(() => consumer.listOffsets({ topics: [topic], timestamp }));
    const ends = await patiently(() => consumer.listOffsets({ topics: [topic] }));
    for (const [partition, end] of (ends.get(topic) ?? []).entries()) {
      // Later than 0 where records were deleted.
      await readPartition(partition, begins.get(topic)?.[partition] ?? 0n, end);
    }
    return records;
  } finally {
    await consumer.close(true);
  }
}
