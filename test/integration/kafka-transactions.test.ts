import { expect, test } from 'vitest';
import type { TransactionalSink } from '../../src/core/fenced-writer.ts';
import { trappedKafkaSuite } from '../support/kafka/acquire.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { apis } from '../support/kafka/request-trap.ts';
import { event, idOf, never } from '../support/kafka/sink-calls.ts';
import { createTopics, forbidTransactions, uniqueName } from '../support/kafka/topics.ts';
import {
  createTransactionTopics,
  openTransactionalSink,
  type TransactionalSettings,
} from '../support/kafka/transactional-sink.ts';

const feed = 'test/feed';
const suite = await trappedKafkaSuite({
  'transaction.max.timeout.ms': '8000',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '200',
});

function lines(findings: Awaited<ReturnType<TransactionalSink['check']>>): readonly string[] {
  return findings.map((finding) => `${finding.severity} ${'code' in finding ? finding.code : finding.message}`);
}

suite('transactions of the Kafka sink', (broker) => {
  async function committedIds(topic: string): Promise<readonly string[]> {
    return (await readTopic(broker.bootstrap, topic, 'committed')).map(idOf);
  }

  const open = (topics: { topic: string; marks: string }, settings?: TransactionalSettings) =>
    openTransactionalSink(broker.trap.address, topics, settings);

  test('the broker ends a transaction that was left open, and the same bridge goes on: nobody else was there', {
    timeout: 60_000,
  }, async () => {
    const topics = await createTransactionTopics(broker.bootstrap, 1);
    await using sink = await open(topics, { broker: { confirmTimeout: '1s' } });
    const items = [sink.route(event(topics.topic), feed)];
    const ids = items.map(({ envelope }) => envelope.attributes.id);
    {
      await using writer = await sink.openWriter(feed, never);
      broker.trap.trap = { request: ({ api }) => (api === apis.endTxn ? 'hold' : undefined) };
      expect(await writer.publish(items, 'one', never)).toMatchObject({
        status: 'unknown',
        error: { code: 'BROKER_TIMEOUT' },
      });
      broker.trap.trap = {};
    }
    // Its reader waits until nothing is open.
    expect(await committedIds(topics.topic)).toEqual([]);
    await using again = await sink.openWriter(feed, never);
    expect(again.mark).toBeUndefined();
    expect(await again.publish(items, 'one', never)).toMatchObject({ status: 'committed' });
    expect(await committedIds(topics.topic)).toEqual(ids);
  });

  test('a commit whose answer is lost is known by its mark', { timeout: 60_000 }, async () => {
    const topics = await createTransactionTopics(broker.bootstrap, 1);
    await using sink = await open(topics, { broker: { confirmTimeout: '1s' } });
    const items = [sink.route(event(topics.topic), feed)];
    {
      await using writer = await sink.openWriter(feed, never);
      broker.trap.trap = { answer: ({ api }) => (api === apis.endTxn ? 'hold' : undefined) };
      expect(await writer.publish(items, 'one', never)).toMatchObject({ status: 'unknown' });
      broker.trap.trap = {};
    }
    await using again = await sink.openWriter(feed, never);
    expect(again.mark).toBe('one');
  });

  test('the last mark is found behind those of busier feeds', { timeout: 60_000 }, async () => {
    const topics = await createTransactionTopics(broker.bootstrap, 1);
    await using sink = await open(topics);
    {
      await using resting = await sink.openWriter(feed, never);
      await resting.publish([], 'resting', never);
    }
    await using busy = await sink.openWriter(`${feed}2`, never);
    for (let count = 0; count < 200; count++) await busy.publish([], `mark ${count}`, never);
    await using other = await open(topics);
    await using again = await other.openWriter(feed, never);
    expect(again.mark).toBe('resting');
  });

  test('what is no mark of ours stops a feed before it writes anything', { timeout: 60_000 }, async () => {
    const topics = await createTransactionTopics(broker.bootstrap, 1);
    {
      await using sink = await open(topics);
      await using writer = await sink.openWriter(feed, never);
      const strange = event(topics.topic, { key: 'strange/test/other' });
      expect(await writer.publish([sink.route(strange, feed)], 'one', never)).toMatchObject({ status: 'committed' });
    }
    // The topic of the events in the place of that of the marks.
    const settings = { to: { transactionalIdPrefix: 'strange' } };
    await using sink = await open({ ...topics, marks: topics.topic }, settings);
    await expect(sink.openWriter('test/other', never)).rejects.toMatchObject({ code: 'MARK_UNREADABLE' });
    await using other = await sink.openWriter('test/another', never);
    expect(other.mark).toBeUndefined();
  });

  test('check says what exactly-once needs, and how to come by it', { timeout: 60_000 }, async () => {
    const topics = await createTransactionTopics(broker.bootstrap, 1);
    {
      await using sink = await open(topics);
      const found = await sink.check([feed], never);
      expect(found).toContainEqual(
        expect.objectContaining({
          severity: 'warning',
          message: expect.stringContaining(`${topics.marks} has one replica`),
        }),
      );
      expect(lines(found).filter((line) => line.startsWith('error'))).toEqual([]);
    }
    {
      const marks = uniqueName('missing');
      await using sink = await open({ ...topics, marks });
      expect(await sink.check([feed], never)).toContainEqual(
        expect.objectContaining({
          code: 'DESTINATION_MISSING',
          command: expect.stringMatching(
            new RegExp(`--topic ${marks} --partitions 1 --replication-factor 1 --config cleanup.policy=compact`),
          ),
        }),
      );
      await expect(sink.openWriter(feed, never)).rejects.toMatchObject({
        code: 'DESTINATION_MISSING',
        hint: expect.stringContaining('cleanup.policy=compact'),
      });
    }
    {
      const marks = uniqueName('forgetful');
      await createTopics(broker.bootstrap, [marks], { config: { 'cleanup.policy': 'compact,delete' } });
      await using sink = await open({ ...topics, marks });
      expect(await sink.check([feed], never)).toContainEqual(
        expect.objectContaining({
          code: 'DESTINATION_UNSAFE',
          command: expect.stringContaining('cleanup.policy=compact'),
        }),
      );
    }
  });

  test('an account that may not use the transactional id is told so, by check and when a feed starts', {
    timeout: 60_000,
  }, async () => {
    const topics = await createTransactionTopics(broker.bootstrap, 1);
    await using sink = await open(topics);
    await forbidTransactions(broker.bootstrap, `${topics.topic}/${feed}`);
    const refusal = expect.objectContaining({
      code: 'BROKER_NOT_AUTHORISED',
      hint: expect.stringContaining(`transactional id ${topics.topic}/${feed}`),
    });
    await expect.poll(() => sink.check([feed], never)).toContainEqual(refusal);
    await expect(sink.openWriter(feed, never)).rejects.toMatchObject({ code: 'BROKER_NOT_AUTHORISED' });
    await using other = await sink.openWriter(`${feed}2`, never);
    expect(other.mark).toBeUndefined();
  });

  test('a broker that allows transactions too little time is told of, by check and when a feed starts', {
    timeout: 60_000,
  }, async () => {
    const topics = await createTransactionTopics(broker.bootstrap, 1);
    await using sink = await open(topics, { broker: { confirmTimeout: '5s' } });
    expect(lines(await sink.check([feed], never))).toContain('error TRANSACTION_TIME_REFUSED');
    await expect(sink.openWriter(feed, never)).rejects.toMatchObject({ code: 'TRANSACTION_TIME_REFUSED' });
  });
});
