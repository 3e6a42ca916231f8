import { readCommitted } from './read-committed.ts';
import { readWithKafkajs } from './read-with-kafkajs.ts';
import { readWithPlatformatic } from './read-with-platformatic.ts';

export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
  /** Milliseconds since the epoch: when it was made, or appended, as the topic says. */
  readonly timestamp: number;
}

/** A library that reads. It has to be another one than that under test. `committed`: kafkajs, of topics with transactions. */
export type Reader = 'kafkajs' | 'platformatic' | 'committed';

const readers = { kafkajs: readWithKafkajs, platformatic: readWithPlatformatic, committed: readCommitted };

/** Everything that is in a topic up to its end at the time of the call, by partition and offset. */
export async function readTopic(
  bootstrap: string,
  topic: string,
  reader: Reader = 'kafkajs',
): Promise<readonly ReadRecord[]> {
  const records = await readers[reader](bootstrap, topic);
  return records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}
