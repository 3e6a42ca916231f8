import { expect, test } from 'vitest';
import { encodeMark } from '../../src/sinks/kafka/marks.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { endHanging, fenceOnce, leaveHanging, unverified } from '../support/kafka/hanging-transaction.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { event, never } from '../support/kafka/sink-calls.ts';
import { createTopic } from '../support/kafka/topics.ts';
import { createTransactionTopics, openTransactionalSink } from '../support/kafka/transactional-sink.ts';

const feed = 'test/feed';
const suite = await ownKafkaSuite(unverified);

suite('a transaction that the broker has ended and not written down', (broker) => {
  const { bootstrap } = broker;

  /** A feed that has published `one`, and then `two`, whose end is missing. */
  async function place(outcome: 'commit' | 'abort', { template, only }: { template?: string; only?: 'events' } = {}) {
    const topics = await createTransactionTopics(bootstrap, 1);
    const settings = { broker: { confirmTimeout: '1s' }, ...(template && { to: { topic: template } }) };
    const transactionalId = `${topics.topic}/${feed}`;
    const open = () => openTransactionalSink(bootstrap, topics, settings);
    await using sink = await open();
    await using writer = await sink.openWriter(feed, never);
    const items = [sink.route(event(topics.topic), feed)];
    expect(await writer.publish(items, 'one', never)).toMatchObject({ status: 'committed' });
    const common = { partition: 0, headers: new Map() };
    const records = [
      { ...common, topic: topics.topic, key: Buffer.from('key'), value: Buffer.from('"left"') },
      {
        ...common,
        topic: topics.marks,
        key: Buffer.from(transactionalId),
        value: encodeMark({ mark: 'two', owner: 'x' }),
      },
    ];
    const left = only ? records.slice(0, 1) : records;
    const elsewhere = await createTopic(bootstrap, 'else');
    await leaveHanging(bootstrap, { transactionalId, outcome, records: left, elsewhere });
    const all = [topics.topic, topics.marks];
    return {
      open,
      topics,
      end: () => endHanging(bootstrap, { transactionalId, outcome, topics: all }),
      transactionalId,
    };
  }

  async function committed(topic: string): Promise<readonly string[]> {
    const records = await readTopic(bootstrap, topic, 'committed');
    return records.map(({ value }) => (value.equals(Buffer.from('"left"')) ? 'left' : 'published'));
  }

  test('is committed when it was: its batch is known by its mark, and read', { timeout: 60_000 }, async () => {
    const { open, topics } = await place('commit');
    await using sink = await open();
    await using writer = await sink.openWriter(feed, never);
    expect(writer.mark).toBe('two');
    expect(await committed(topics.topic)).toEqual(['published', 'left']);
    const items = [sink.route(event(topics.topic), feed)];
    expect(await writer.publish(items, 'three', never)).toMatchObject({ status: 'committed' });
    expect(await committed(topics.topic)).toEqual(['published', 'left', 'published']);
  });

  test('is aborted when it was: nobody ever reads it', { timeout: 60_000 }, async () => {
    const { open, topics } = await place('abort');
    await using sink = await open();
    await using writer = await sink.openWriter(feed, never);
    expect(writer.mark).toBe('one');
    const items = [sink.route(event(topics.topic), feed)];
    expect(await writer.publish(items, 'two', never)).toMatchObject({ status: 'committed' });
    expect(await committed(topics.topic)).toEqual(['published', 'published']);
  });

  test('is ended also where the marks know nothing of it', { timeout: 60_000 }, async () => {
    const { open, topics } = await place('abort', { only: 'events' });
    await using sink = await open();
    await using writer = await sink.openWriter(feed, never);
    expect(writer.mark).toBe('one');
    expect(await committed(topics.topic)).toEqual(['published']);
    const items = [sink.route(event(topics.topic), feed)];
    expect(await writer.publish(items, 'two', never)).toMatchObject({ status: 'committed' });
    expect(await committed(topics.topic)).toEqual(['published', 'published']);
  });

  test('keeps other feeds waiting only until its own feed comes', { timeout: 60_000 }, async () => {
    const { open } = await place('commit');
    await using sink = await open();
    const waiting = sink.openWriter(`${feed}2`, never);
    await using writer = await sink.openWriter(feed, never);
    await using other = await waiting;
    expect([writer.mark, other.mark]).toEqual(['two', undefined]);
  });

  test('is left alone where nobody knows how it ended; the feed says so, and flows when an operator has ended it', {
    timeout: 60_000,
  }, async () => {
    const { open, topics, end, transactionalId } = await place('commit');
    await fenceOnce(bootstrap, transactionalId);
    await using sink = await open();
    const refusal = { code: 'TRANSACTION_HANGING', message: expect.stringContaining(transactionalId) };
    await expect(sink.openWriter(feed, never)).rejects.toMatchObject(refusal);
    await expect(sink.openWriter(feed, never)).rejects.toMatchObject(refusal);
    await end();
    await using writer = await sink.openWriter(feed, never);
    expect(writer.mark).toBe('two');
    expect(await committed(topics.topic)).toEqual(['published', 'left']);
  });

  test('is left alone where it may be in topics that are not known', { timeout: 60_000 }, async () => {
    const { open, end } = await place('commit', { template: '{subject}' });
    await using sink = await open();
    await expect(sink.openWriter(feed, never)).rejects.toMatchObject({ code: 'TRANSACTION_HANGING' });
    await end();
    await using writer = await sink.openWriter(feed, never);
    expect(writer.mark).toBe('two');
  });
});
