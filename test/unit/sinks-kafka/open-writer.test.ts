import { describe, expect, test } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { kafkaBroker, kafkaDestination } from '../../../src/sinks/kafka/config.ts';
import { encodeMark } from '../../../src/sinks/kafka/marks.ts';
import { createWriterOpener } from '../../../src/sinks/kafka/open-writer.ts';
import type { OffsetRange, TransactionalClient } from '../../../src/sinks/kafka/transactional-client.ts';
import { never } from '../../support/kafka/sink-calls.ts';

const mark = encodeMark({ mark: 'theirs', owner: 'them' });
const broker = kafkaBroker.parse({ type: 'kafka', bootstrap: ['kafka:9092'] });
const destination = kafkaDestination.parse({ broker: 'kafka', topic: 'events', marks: 'marks' });

/** Marks as a leader tells of them: `seen` up to offset 5 first, and `later` beyond that. The claim is written at `place`. */
function opener(place: bigint, seen: Buffer | undefined, later: Buffer | undefined) {
  const calls: string[] = [];
  const client: TransactionalClient = {
    partitions: async () => new Map([['marks', 1]]),
    async fence(known) {
      calls.push(known ? 'resume' : 'fence');
      return { producerId: 1n, producerEpoch: 2 };
    },
    async lastCommitted(_topic, _partition, key, { from, before }: OffsetRange) {
      calls.push(`look ${key} ${from ?? ''}-${before ?? ''}`);
      return { value: from === undefined ? seen : later, end: before ?? 5n };
    },
    async send(records) {
      calls.push(...records.map(({ value }) => `send ${JSON.parse(value.toString()).mark}`));
      return new Map([['marks/0', { status: 'written', firstOffset: place }]]);
    },
    async end(outcome) {
      calls.push(outcome);
    },
    inspect: async () => undefined,
    async close() {
      calls.push('close');
    },
  };
  const options = { broker, brokerName: 'kafka', destination, mode: 'structured' } as const;
  const open = createWriterOpener({ ...options, maxCall: { events: 10, bytes: 1_000 }, connect: () => client });
  return { open: () => open('test/feed', never), calls };
}

describe('a writer', () => {
  test('is opened by fencing, looking, and repeating the mark as its own', async () => {
    const { open, calls } = opener(5n, mark, undefined);
    const writer = await open();
    expect(writer.mark).toBe('theirs');
    expect(calls).toEqual(['fence', 'look feedferry/test/feed -', 'send theirs', 'commit']);
  });

  test('looks at what others have written meanwhile', async () => {
    const { open, calls } = opener(7n, undefined, undefined);
    expect((await open()).mark).toBeUndefined();
    expect(calls).toContain('look feedferry/test/feed 5-7');
  });

  test('is not opened with a mark that a leader gave which was cut off from the others', async () => {
    const { open, calls } = opener(7n, undefined, mark);
    await expect(open()).rejects.toThrow(BridgeError);
    expect(calls).not.toContain('commit');
    expect(calls.at(-1)).toBe('close');
    calls.length = 0;
    await expect(open()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(calls[0]).toBe('resume');
  });
});
