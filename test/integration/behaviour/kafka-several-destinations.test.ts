import { expect, test } from 'vitest';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { handedOut, startBridge } from '../../support/daemon.ts';
import { ownKafkaSuite } from '../../support/kafka/acquire.ts';
import type { OwnKafka } from '../../support/kafka/native-broker.ts';
import { readTopic } from '../../support/kafka/read-topic.ts';
import { createTopic, createTopics, uniqueName } from '../../support/kafka/topics.ts';

const from = ['feeds: [journey]', 'schedule: { every: 200ms }'];
const brokersAt = (bootstrap: string) =>
  `{ local: { type: log, dir: ./events }, kafka: { type: kafka, bootstrap: ["${bootstrap}"], confirmTimeout: 2s } }`;

const suite = await ownKafkaSuite();

suite('Kafka and the log, side by side,', (kafka: OwnKafka) => {
  const { bootstrap } = kafka;

  async function idsIn(topic: string): Promise<readonly string[]> {
    const records = await readTopic(bootstrap, topic);
    return records.map(({ value }) => (JSON.parse(value.toString()) as { id: string }).id);
  }

  test('have all in order; while Kafka is killed nothing is completed, and the log gets nothing twice', async () => {
    const topic = await createTopic(bootstrap, 'several');
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 50 }] });
    const completed = () => simulator.stats().feeds.journey.completedEvents;
    const to = `[{ broker: local }, { broker: kafka, topic: ${topic} }]`;
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, brokers: brokersAt(bootstrap), to });
    await expect.poll(completed, { timeout: 20_000 }).toBe(50);

    await kafka.kill9();
    simulator.fill({ feed: 'journey', events: 50 });
    const failed = await bridge.recorder.seen('attempt.failed');
    expect(failed).toMatchObject({
      activity: 'publish',
      error: { message: expect.stringMatching(/^destination kafka: /) },
    });
    await expect.poll(async () => (await bridge.published('journey')).length).toBeGreaterThan(50);
    expect(completed()).toBe(50);

    await kafka.restart();
    await expect.poll(completed, { timeout: 30_000 }).toBe(100);
    const expected = handedOut(simulator.ledger('journey'));
    expect((await bridge.published('journey')).map(({ id }) => id)).toEqual(expected);
    expect([...new Set(await idsIn(topic))]).toEqual(expected);
    expect(bridge.recorder.of('batch.confirmed').at(-1)?.whereabouts).toMatch(/^local: .*; kafka: .*\/0 @ \d+/);
  }, 90_000);

  test('a topic that is missing halts the feed by name; once it is there, only Kafka gets the batch again', async () => {
    const topic = uniqueName('missing');
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 30 }] });
    const completed = () => simulator.stats().feeds.journey.completedEvents;
    const to = `[{ broker: kafka, topic: ${topic} }, { broker: local }]`;
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, brokers: brokersAt(bootstrap), to });
    const { error } = await bridge.recorder.seen('feed.halted');
    expect(error).toMatchObject({
      code: 'DESTINATION_MISSING',
      message: expect.stringMatching(/^destination kafka: /),
    });
    await createTopics(bootstrap, [topic]);
    await bridge.operations.resume('fenergo/journey', 'the topic is there');
    await expect.poll(completed, { timeout: 20_000 }).toBe(30);
    const expected = handedOut(simulator.ledger('journey'));
    expect((await bridge.published('journey')).map(({ id }) => id)).toEqual(expected);
    expect(await idsIn(topic)).toEqual(expected);
  }, 60_000);
});
