import { compatibilityPartitioner } from '@platformatic/kafka';
import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { partitionOf } from '../../../src/sinks/kafka/partition.ts';

/** Of Kafka's own test of its hash. */
const javaVectors: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

const kafkajs = Partitioners.DefaultPartitioner();

function asKafkajs(key: Buffer, count: number): number {
  const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 }));
  return kafkajs({ topic: 't', partitionMetadata: partitionMetadata as never, message: { key, value: null } });
}

describe('the partition of a key', () => {
  test.each(javaVectors)('is that of the Java client for %s', (key, hash) => {
    expect(partitionOf(Buffer.from(key), 2 ** 31)).toBe(hash & 0x7fffffff);
  });

  test('is that of other compatible clients for any key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.integer({ min: 1, max: 50 }), (bytes, count) => {
        const key = Buffer.from(bytes);
        const partition = partitionOf(key, count);
        expect(partition).toBe(compatibilityPartitioner({} as never, key) % count);
        expect(partition).toBe(asKafkajs(key, count));
      }),
    );
  });
});
