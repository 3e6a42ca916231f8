import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { batchBody } from '../../../connectors/fenergo/simulator/batch-body.ts';
import { createEventMaker } from '../../../connectors/fenergo/simulator/events.ts';
import { defaultTenant } from '../../../connectors/fenergo/simulator/options.ts';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { deadLetterEnvelope } from '../../../src/core/dead-letter.ts';
import { encodeStructured } from '../../../src/core/envelope.ts';
import type { Operations } from '../../../src/operations/operations.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import { startBridge as spawnBridge } from '../../support/bridge/start-bridge.ts';
import { handedOut, startBridge } from '../../support/daemon.ts';
import { ownKafkaSuite } from '../../support/kafka/acquire.ts';
import { readTopic } from '../../support/kafka/read-topic.ts';
import { createTopic, createTopics, forbidTopic, uniqueName } from '../../support/kafka/topics.ts';
import { allowTopic } from '../../support/kafka-pipelines/ill-topics.ts';
import { clients } from '../../support/kafka-pipelines/kafka-daemon.ts';
import { ownRabbitmqSuite } from '../../support/rabbitmq/acquire.ts';
import { bindQueue, declareExchange, drainQueue as drainRabbitmq } from '../../support/rabbitmq/management.ts';
import { ownSqsSuite } from '../../support/sqs/acquire.ts';
import { createQueue, drainQueue as drainSqs } from '../../support/sqs/protocol.ts';
import { createWorkplace } from '../../support/workplace.ts';

const kafkaSuite = await ownKafkaSuite();
const rabbitmqSuite = await ownRabbitmqSuite();
const sqsSuite = await ownSqsSuite();

const patience = { interval: 20, timeout: 30_000 };
const goldenFile = join(import.meta.dirname, '../../../connectors/fenergo/fixtures/golden/dead-letter.json');
const goldenBatch = '1642925639481';
/** The record of the golden dead letter. */
const poison = '{"eventType":"journey:taskcompleted","when":"yesterday"}';
const tenant = 'headers: { x-tenant-id: bded51d4-598e-4079-9cf6-43e74144b415 }';
const journey = ['feeds: [journey]', 'schedule: { every: 200ms }', tenant];

/** An upstream with batches that the test makes. */
async function startUpstream() {
  const simulator = await startFenergoSimulator();
  const maker = createEventMaker('journey', 77, defaultTenant);
  let made = 0;
  const good = (eventBytes = 0) => maker.render(++made, { at: Date.parse('2022-01-23T08:13:56.840Z'), eventBytes });
  const enqueue = (batchId: string, records: readonly string[]) =>
    simulator.enqueue('journey', batchBody(batchId, records, true), batchId);
  return {
    simulator,
    baseUrl: simulator.baseUrl,
    good,
    enqueue,
    /** Three good records, and the golden one. */
    enqueueGolden: () => enqueue(goldenBatch, [good(), good(), good(), poison]),
    handedOut: () => handedOut(simulator.ledger('journey')),
    completed: () => simulator.stats().feeds.journey.completedEvents,
    isDone: () => simulator.ledger('journey').every(({ completedBy }) => completedBy === 'client'),
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}

/** What copies there have to be, byte for byte, as an operator would get them from the local store. */
async function kept(operations: Operations): Promise<readonly string[]> {
  const letters = await operations.deadLetters({ limit: 100 });
  return letters.map((letter) => encodeStructured(deadLetterEnvelope(letter)).toString());
}

const ids = (published: readonly { readonly id: string }[]) => published.map(({ id }) => id);

kafkaSuite('dead letters are copied to Kafka', (kafka) => {
  const { bootstrap } = kafka;
  const both = (client = 'platformatic') =>
    `{ local: { type: log, dir: ./events }, kafka: { type: kafka, client: ${client}, bootstrap: ["${bootstrap}"], confirmTimeout: 2s } }`;
  const copiesIn = async (topic: string) => (await readTopic(bootstrap, topic)).map(({ value }) => value.toString());

  describe.each(clients)('with %s', { timeout: 60_000 }, (client) => {
    test('as the golden one, beside the events, under the key of their feed', async () => {
      const [topic, dead] = [await createTopic(bootstrap, 'copied'), await createTopic(bootstrap, 'dead')];
      await using upstream = await startUpstream();
      upstream.enqueueGolden();
      upstream.enqueue('2', [poison, upstream.good(), poison]);
      await using bridge = await startBridge({
        baseUrl: upstream.baseUrl,
        from: journey,
        brokers: both(client),
        to: `{ broker: kafka, topic: ${topic} }`,
        deadLetters: `{ broker: kafka, topic: ${dead} }`,
      });
      await bridge.recorder.seen('batch.completed', 2);
      const records = await readTopic(bootstrap, dead);
      const [first] = records.map(({ value }) => JSON.parse(value.toString()));
      expect(first).toEqual(JSON.parse(await readFile(goldenFile, 'utf8')));
      expect(records.map(({ value }) => value.toString())).toEqual(await kept(bridge.operations));
      expect(new Set(records.map(({ key }) => key))).toEqual(new Set([first.partitionkey]));
      expect(await readTopic(bootstrap, topic)).toHaveLength(4);
      expect((await bridge.health('/healthz')).body.feeds['fenergo/journey']).toMatchObject({
        counts: { deadLettered: 3, copied: 3, notCopied: 0 },
      });
    });

    test('and one that is too large there is an alarm, no more', async () => {
      const dead = await createTopic(bootstrap, 'dead', { config: { 'max.message.bytes': '3000' } });
      await using upstream = await startUpstream();
      const large = `{"eventType":"journey:x","text":"${'x'.repeat(4_000)}"}`;
      upstream.enqueue('1', [poison, large, upstream.good(), poison]);
      await using bridge = await startBridge({
        baseUrl: upstream.baseUrl,
        from: journey,
        brokers: both(client),
        deadLetters: `{ broker: kafka, topic: ${dead} }`,
      });
      await bridge.recorder.seen('batch.completed');
      expect(bridge.recorder.of('dead-letter.not-copied')).toMatchObject([
        {
          batchId: '1',
          error: { code: 'EVENT_TOO_LARGE', message: expect.stringMatching(/^destination deadLetters: /) },
        },
      ]);
      const letters = await kept(bridge.operations);
      expect(letters).toHaveLength(3);
      expect(await copiesIn(dead)).toEqual([letters[0], letters[2]]);
    });
  });

  test('while they cannot be: the feed halts by the name deadLetters, publishes nothing twice, and goes on', async () => {
    const dead = uniqueName('missing');
    await using upstream = await startUpstream();
    upstream.enqueueGolden();
    upstream.enqueue('2', [upstream.good()]);
    await using bridge = await startBridge({
      baseUrl: upstream.baseUrl,
      from: journey,
      brokers: both(),
      deadLetters: `{ broker: kafka, topic: ${dead} }`,
      timing: { probeMs: 100 },
    });
    await bridge.recorder.seen('feed.halted', 4);
    expect(bridge.recorder.of('feed.halted')[0]?.error).toMatchObject({
      code: 'DESTINATION_MISSING',
      message: expect.stringMatching(/^destination deadLetters: .*missing/),
    });
    expect(upstream.completed()).toBe(0);
    await createTopics(bootstrap, [dead]);
    await expect.poll(upstream.isDone, patience).toBe(true);
    expect(ids(await bridge.published('journey'))).toEqual(upstream.handedOut().filter((id) => id !== ''));
    expect([...new Set(await copiesIn(dead))]).toEqual(await kept(bridge.operations));
  }, 60_000);

  test('while writing there is forbidden: likewise', async () => {
    const dead = await createTopic(bootstrap, 'dead');
    await forbidTopic(bootstrap, dead, 'describe');
    await using upstream = await startUpstream();
    upstream.enqueueGolden();
    await using bridge = await startBridge({
      baseUrl: upstream.baseUrl,
      from: journey,
      brokers: both(),
      deadLetters: `{ broker: kafka, topic: ${dead} }`,
    });
    const { error } = await bridge.recorder.seen('feed.halted');
    expect(error).toMatchObject({ code: 'BROKER_NOT_AUTHORISED', message: expect.stringContaining('deadLetters') });
    await allowTopic(bootstrap, dead);
    await bridge.operations.resume('fenergo/journey', 'allowed again');
    await expect.poll(upstream.isDone, patience).toBe(true);
    expect(await copiesIn(dead)).toEqual(await kept(bridge.operations));
  }, 60_000);

  test('once Kafka is back: the ack waits for it, other feeds and pipelines do not', async () => {
    const dead = await createTopic(bootstrap, 'dead');
    await using upstream = await startUpstream();
    await using other = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 30 }] });
    upstream.enqueueGolden();
    upstream.simulator.fill({ feed: 'document', events: 30 });
    await kafka.kill9();
    await using bridge = await startBridge({
      baseUrl: upstream.baseUrl,
      from: ['feeds: [journey, document]', 'schedule: { every: 200ms }', tenant],
      brokers: both(),
      deadLetters: `{ broker: kafka, topic: ${dead} }`,
      neighbours: [
        'other:',
        `  from: { connector: fenergo, baseUrl: "${other.baseUrl}", feeds: [journey], schedule: { every: 200ms } }`,
        '  to: { broker: local }',
        `  deadLetters: { broker: kafka, topic: ${dead} }`,
      ],
    });
    const failed = await bridge.recorder.seen('attempt.failed', 2);
    expect(failed).toMatchObject({
      subject: 'fenergo/journey',
      activity: 'publish',
      error: { message: expect.stringMatching(/^destination deadLetters: /) },
    });
    await expect.poll(() => other.stats().feeds.journey.completedEvents, patience).toBe(30);
    await expect.poll(() => upstream.simulator.stats().feeds.document.completedEvents, patience).toBe(30);
    expect(await kept(bridge.operations)).toHaveLength(1);
    expect(upstream.isDone()).toBe(false);
    const before = performance.now();
    await kafka.restart();
    await expect.poll(upstream.isDone, patience).toBe(true);
    console.log(
      `dead letters, Kafka away: completed ${Math.round(performance.now() - before)} ms after its restart began`,
    );
    expect([...new Set(await copiesIn(dead))]).toEqual(await kept(bridge.operations));
    expect(ids(await bridge.published('journey'))).toHaveLength(3);
    expect(bridge.recorder.of('feed.halted')).toEqual([]);
  }, 90_000);

  test('after a kill -9 between the local store and the copy; the events are not published again', async () => {
    const dead = await createTopic(bootstrap, 'dead');
    await using upstream = await startUpstream();
    await using workplace = await createWorkplace();
    upstream.enqueueGolden();
    const file = join(workplace.path, 'feedferry.yaml');
    // JSON is YAML.
    const configuration = {
      version: 1,
      state: { dir: join(workplace.path, 'state') },
      listen: { health: '127.0.0.1:0', admin: '127.0.0.1:0' },
      brokers: {
        local: { type: 'log', dir: join(workplace.path, 'events') },
        kafka: { type: 'kafka', bootstrap: [bootstrap], confirmTimeout: '2s' },
      },
      pipelines: {
        fenergo: {
          from: {
            connector: 'fenergo',
            baseUrl: upstream.baseUrl,
            feeds: ['journey'],
            schedule: { every: '200ms' },
            headers: { 'x-tenant-id': 'bded51d4-598e-4079-9cf6-43e74144b415' },
          },
          to: { broker: 'local' },
          deadLetters: { broker: 'kafka', topic: dead },
        },
      },
    };
    await writeFile(file, JSON.stringify(configuration, undefined, 2));
    await kafka.kill9();
    {
      await using bridge = spawnBridge(file);
      await bridge.logs(({ event, activity }) => event === 'attempt.failed' && activity === 'publish');
      expect(bridge.log().some(({ event }) => event === 'event.dead-lettered')).toBe(true);
      await bridge.kill9();
    }
    await kafka.restart();
    expect(await copiesIn(dead)).toEqual([]);
    expect(upstream.isDone()).toBe(false);
    await using bridge = spawnBridge(file);
    await bridge.whileRunning(expect.poll(upstream.isDone, patience).toBe(true));
    const copies = await copiesIn(dead);
    expect(copies.map((copy) => JSON.parse(copy))).toEqual([JSON.parse(await readFile(goldenFile, 'utf8'))]);
    const lines: string[] = [];
    for await (const { line } of readLog(join(workplace.path, 'events'), 'fenergo.journey')) lines.push(String(line));
    expect(lines).toHaveLength(3);
  }, 90_000);
});

rabbitmqSuite('dead letters are copied to RabbitMQ', (rabbitmq) => {
  test('in order, with equal bytes; where no queue takes them the feed halts', async () => {
    const exchange = uniqueName('dead');
    await declareExchange(rabbitmq, exchange);
    await using upstream = await startUpstream();
    upstream.enqueueGolden();
    upstream.enqueue('2', [poison, upstream.good(), poison]);
    await using bridge = await startBridge({
      baseUrl: upstream.baseUrl,
      from: journey,
      brokers: `{ local: { type: log, dir: ./events }, rabbit: { type: rabbitmq, url: "${rabbitmq.url}", username: ${rabbitmq.username}, password: ${rabbitmq.password} } }`,
      deadLetters: `{ broker: rabbit, exchange: ${exchange}, routingKey: "{type}" }`,
    });
    const { error } = await bridge.recorder.seen('feed.halted');
    expect(error).toMatchObject({ code: 'DESTINATION_UNBOUND', message: expect.stringContaining('deadLetters') });
    await bindQueue(rabbitmq, exchange, exchange, { key: 'dev.feedferry.#' });
    await bridge.operations.resume('fenergo/journey', 'bound');
    await expect.poll(upstream.isDone, patience).toBe(true);
    const messages = await drainRabbitmq(rabbitmq, exchange);
    expect(messages.map(({ body }) => body.toString())).toEqual(await kept(bridge.operations));
    expect(JSON.parse(messages[0]?.body.toString() ?? '')).toEqual(JSON.parse(await readFile(goldenFile, 'utf8')));
    expect(ids(await bridge.published('journey'))).toHaveLength(4);
  }, 60_000);
});

sqsSuite('dead letters are copied to SQS', ({ endpoint }) => {
  test('into a FIFO queue in order, with equal bytes, one group for each feed', async () => {
    const queue = `${uniqueName('dead')}.fifo`;
    const url = await createQueue(endpoint, queue);
    await using upstream = await startUpstream();
    upstream.enqueueGolden();
    upstream.enqueue('2', [poison, upstream.good(), poison]);
    await using bridge = await startBridge({
      baseUrl: upstream.baseUrl,
      from: journey,
      brokers: `{ local: { type: log, dir: ./events }, aws: { type: sqs, region: eu-central-1, endpoint: "${endpoint}", credentials: { accessKeyId: ferry, secretAccessKey: key } } }`,
      deadLetters: `{ broker: aws, queue: ${queue} }`,
    });
    await expect.poll(upstream.isDone, patience).toBe(true);
    await bridge.recorder.seen('batch.completed', 2);
    const messages = await drainSqs(endpoint, url);
    expect(messages.map(({ body }) => body)).toEqual(await kept(bridge.operations));
    expect(JSON.parse(messages[0]?.body ?? '')).toEqual(JSON.parse(await readFile(goldenFile, 'utf8')));
    expect(new Set(messages.map(({ group }) => group)).size).toBe(1);
  }, 60_000);
});
