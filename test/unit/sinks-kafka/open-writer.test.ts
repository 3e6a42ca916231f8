import { describe, expect, test } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { kafkaBroker, kafkaDestination } from '../../../src/sinks/kafka/config.ts';
import { encodeMark } from '../../../src/sinks/kafka/marks.ts';
import { createWriterOpener } from '../../../src/sinks/kafka/open-writer.ts';
import type { Decision, OffsetRange, TransactionalClient } from '../../../src/sinks/kafka/transactional-client.ts';
import { never } from '../../support/kafka/sink-calls.ts';

const mark = encodeMark({ mark: 'theirs', owner: 'them' });
const broker = kafkaBroker.parse({ type: 'kafka', bootstrap: ['kafka:9092'] });
const destination = kafkaDestination.parse({ broker: 'kafka', topic: 'events', marks: 'marks' });

/** What a broker says besides. */
interface Said {
  /** How the last transaction ended; `fence` makes it forget that. */
  decision: Decision | undefined;
  /** A transaction is open that it has forgotten. */
  isOpen: boolean;
  /** What resuming rejects with. */
  resumed?: BridgeError;
  /** What settling rejects with. */
  settled?: BridgeError;
}

/** Marks as a leader tells of them: `seen` up to offset 5 first, and `later` beyond that. The claim is written at `place`. */
function opener(
  place: bigint,
  seen: Buffer | undefined,
  later: Buffer | undefined,
  said: Said = { decision: 'nothing', isOpen: false },
) {
  const calls: string[] = [];
  const client: TransactionalClient = {
    partitions: async (topics) => new Map(topics.map((topic) => [topic, topic === 'marks' ? 1 : 2])),
    decided: async () => said.decision,
    async isOpen() {
      return said.isOpen;
    },
    async settle(outcome, partitions) {
      calls.push(`${outcome} once more ${Array.from(partitions, ([topic, own]) => `${topic}/${own}`)}`);
      if (said.settled) throw said.settled;
      said.isOpen = false;
    },
    async fence(known) {
      calls.push(known ? 'resume' : 'fence');
      if (known && said.resumed) throw said.resumed;
      said.decision = 'nothing';
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
  const open = createWriterOpener({
    ...options,
    maxCall: { events: 10, bytes: 1_000 },
    connect: () => client,
    topicOf: () => 'events',
  });
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

  test.each(['commit', 'abort'] as const)('ends what the broker has left open after it said: %s', async (decision) => {
    const { open, calls } = opener(5n, mark, undefined, { decision, isOpen: true });
    expect((await open()).mark).toBe('theirs');
    expect(calls.slice(0, 3)).toEqual([
      'fence',
      `${decision} once more marks/0,events/0,1`,
      expect.stringMatching('look'),
    ]);
  });

  test('remembers what the broker has decided, and forgotten since, until it is written down', async () => {
    const settled = new BridgeError('BROKER_UNREACHABLE', 'the broker is away');
    const said: Said = { decision: 'commit', isOpen: true, settled };
    const { open, calls } = opener(5n, mark, undefined, said);
    await expect(open()).rejects.toBe(settled);
    delete said.settled;
    await open();
    expect(calls.filter((call) => call.startsWith('commit once more'))).toHaveLength(2);
    said.isOpen = true;
    await expect(open()).rejects.toMatchObject({ code: 'TRANSACTION_HANGING' });
  });

  test('does not take an earlier decision for that on a later transaction', async () => {
    const said: Said = { decision: 'commit', isOpen: true, settled: new BridgeError('BROKER_UNREACHABLE', 'away') };
    const { open, calls } = opener(5n, mark, undefined, said);
    await expect(open()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    calls.length = 0;
    said.decision = undefined;
    await expect(open()).rejects.toMatchObject({ code: 'TRANSACTION_HANGING' });
    expect(calls).toEqual(['fence', 'close']);
  });

  test('finds out who has taken over also behind what the broker has left open', async () => {
    const said: Said = { decision: 'nothing', isOpen: false };
    const { open, calls } = opener(5n, mark, undefined, said);
    await open();
    calls.length = 0;
    Object.assign(said, { decision: 'abort', isOpen: true, resumed: new BridgeError('PRODUCER_FENCED', 'fenced') });
    await open();
    expect(calls.slice(0, 4)).toEqual([
      'resume',
      'fence',
      'abort once more marks/0,events/0,1',
      'look feedferry/test/feed -',
    ]);
  });
});
