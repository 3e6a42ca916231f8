import { join } from 'node:path';
import { expect, test } from 'vitest';
import { batchBody } from '../../../connectors/fenergo/simulator/batch-body.ts';
import { createEventMaker } from '../../../connectors/fenergo/simulator/events.ts';
import { defaultTenant } from '../../../connectors/fenergo/simulator/options.ts';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { kafkaSinkType } from '../../../src/sinks/kafka/index.ts';
import { startConfigured } from '../../support/configured-daemon.ts';
import { ownKafkaSuite } from '../../support/kafka/acquire.ts';
import { readTopic } from '../../support/kafka/read-topic.ts';
import { createTopic, setTopicConfig } from '../../support/kafka/topics.ts';
import { createWorkplace } from '../../support/workplace.ts';

const suite = await ownKafkaSuite();
const feed = 'fenergo/journey';
const patience = { interval: 20, timeout: 30_000 };
const maker = createEventMaker('journey', 77, defaultTenant);

/** Every 500th event is of the same entity. */
const render = (sequence: number, eventBytes = 600) =>
  maker.render(sequence, { at: Date.parse('2022-01-23T08:13:56.840Z'), eventBytes });

suite('an event that Kafka refuses as too large', ({ bootstrap }) => {
  test('parks its entity alone, across batches and restarts, until it is released in order or all of it is discarded', {
    timeout: 120_000,
  }, async () => {
    await using resources = new AsyncDisposableStack();
    const workplace = resources.use(await createWorkplace());
    const simulator = resources.use(await startFenergoSimulator({}));
    const topic = await createTopic(bootstrap, 'parking', { partitions: 3, config: { 'max.message.bytes': '3000' } });
    const text = JSON.stringify({
      version: 1,
      state: { dir: join(workplace.path, 'state') },
      listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0' },
      brokers: { kafka: { type: 'kafka', bootstrap: [bootstrap] } },
      pipelines: {
        fenergo: {
          from: {
            connector: 'fenergo',
            baseUrl: simulator.baseUrl,
            feeds: ['journey'],
            schedule: { every: '200ms' },
            partitionBy: 'entity',
          },
          to: { broker: 'kafka', topic },
          onPoison: 'park-key',
        },
      },
    });
    const start = (stack: AsyncDisposableStack) =>
      startConfigured({ file: join(workplace.path, 'feedferry.yaml'), text, sinkTypes: [kafkaSinkType] }, stack);
    const give = async (batchId: string, ...records: readonly string[]) => {
      simulator.enqueue('journey', batchBody(batchId, records, true), batchId);
      const isCompleted = () =>
        simulator.ledger('journey').some((batch) => batch.batchId === batchId && batch.completedBy);
      await expect.poll(isCompleted, patience).toBe(true);
    };
    const published = async (entity: number) => {
      const ids = (await readTopic(bootstrap, topic, 'kafkajs')).map(
        ({ value }) => JSON.parse(value.toString()) as { id: string; data: { payload: { Sequence: number } } },
      );
      return ids.map(({ data }) => data.payload.Sequence).filter((sequence) => sequence % 500 === entity);
    };

    const first = new AsyncDisposableStack();
    const { operations } = await start(first);
    await give('one', render(1), render(501, 5_000), render(1_001), render(2));
    await give('two', render(1_501), render(502));
    expect(await published(1)).toEqual([1]);
    expect(await published(2)).toEqual([2, 502]);
    const [parked] = await operations.parkedKeys();
    expect(parked).toMatchObject({ feed, count: 3, destination: null });
    await first.disposeAsync();

    const second = resources.use(new AsyncDisposableStack());
    const after = await start(second);
    await give('three', render(2_001), render(1_002));
    expect(await published(1)).toEqual([1]);
    expect(await published(2)).toEqual([2, 502, 1_002]);

    const release = { key: parked?.key ?? '', reason: 'the limit of the topic is raised' };
    expect(await after.operations.releaseKey(feed, release)).toMatchObject({
      outcome: 'refused',
      released: 0,
      refused: { code: 'EVENT_TOO_LARGE' },
    });
    await setTopicConfig(bootstrap, topic, { 'max.message.bytes': '1000000' });
    expect(await after.operations.releaseKey(feed, release)).toEqual({ outcome: 'released', released: 4 });
    await give('four', render(2_501));
    expect(await published(1)).toEqual([1, 501, 1_001, 1_501, 2_001, 2_501]);
    expect(await after.operations.parkedKeys()).toEqual([]);

    await setTopicConfig(bootstrap, topic, { 'max.message.bytes': '3000' });
    await give('five', render(3_001, 5_000), render(3_501));
    const letters = await after.operations.deadLetters({ status: ['parked'], limit: 10 });
    const discard = (...ids: readonly string[]) =>
      after.operations.discardDeadLetters(ids, { reason: 'a test record' });
    const [refused = '', waiting = ''] = letters.map(({ id }) => id);
    expect(await discard(refused)).toBe(1);
    await give('six', render(4_001));
    expect(await published(1)).not.toContain(4_001);
    const [sixth = ''] = (await after.operations.deadLetters({ status: ['parked'], limit: 10 }))
      .slice(1)
      .map(({ id }) => id);
    expect(await discard(waiting, sixth)).toBe(2);
    expect(await after.operations.parkedKeys()).toEqual([]);
    await give('seven', render(4_501));
    expect(await published(1)).toEqual([1, 501, 1_001, 1_501, 2_001, 2_501, 4_501]);
  });
});
