import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import { startBridge as spawnBridge } from '../../support/bridge/start-bridge.ts';
import { openCommandFolder } from '../../support/cli/command-folder.ts';
import { startBridge } from '../../support/daemon.ts';
import { ownKafkaSuite } from '../../support/kafka/acquire.ts';
import { readTopic } from '../../support/kafka/read-topic.ts';
import { runTools } from '../../support/kafka/run-tools.ts';
import { createTopic, createTopics, forbidTopic, uniqueName } from '../../support/kafka/topics.ts';
import { allowTopic } from '../../support/kafka-pipelines/ill-topics.ts';
import { clients } from '../../support/kafka-pipelines/kafka-daemon.ts';
import { goldenCopy, keptCopies, poison, startPoisonedUpstream, tenant } from '../../support/poisoned-upstream.ts';
import { ownRabbitmqSuite } from '../../support/rabbitmq/acquire.ts';
import { bindQueue, declareExchange, drainQueue as drainRabbitmq } from '../../support/rabbitmq/management.ts';
import { ownSqsSuite } from '../../support/sqs/acquire.ts';
import { createQueue, drainQueue as drainSqs } from '../../support/sqs/protocol.ts';
import { createWorkplace } from '../../support/workplace.ts';
import { runHere } from '../../unit/cli/support.ts';

const kafkaSuite = await ownKafkaSuite();
const rabbitmqSuite = await ownRabbitmqSuite();
const sqsSuite = await ownSqsSuite();

const patience = { interval: 20, timeout: 30_000 };

/** Under `from`. */
const headers = `headers: { x-tenant-id: ${tenant} }`;
const journey = ['feeds: [journey]', 'schedule: { every: 200ms }', headers];

const ids = (published: readonly { readonly id: string }[]) => published.map(({ id }) => id);

kafkaSuite('dead letters are copied to Kafka', (kafka) => {
  const { bootstrap } = kafka;
  const both = (client = 'platformatic') =>
    `{ local: { type: log, dir: ./events }, kafka: { type: kafka, client: ${client}, bootstrap: ["${bootstrap}"], confirmTimeout: 2s } }`;
  const copiesIn = async (topic: string) => (await readTopic(bootstrap, topic)).map(({ value }) => value.toString());

  describe.each(clients)('with %s', { timeout: 60_000 }, (client) => {
    test('as the golden one, beside the events, under the key of their feed', async () => {
      const [topic, dead] = [await createTopic(bootstrap, 'copied'), await createTopic(bootstrap, 'dead')];
      await using upstream = await startPoisonedUpstream();
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
      expect(first).toEqual(await goldenCopy());
      expect(records.map(({ value }) => value.toString())).toEqual(await keptCopies(bridge.operations));
      expect(new Set(records.map(({ key }) => key))).toEqual(new Set([first.partitionkey]));
      expect(await readTopic(bootstrap, topic)).toHaveLength(4);
      expect((await bridge.health('/healthz')).body.feeds['fenergo/journey']).toMatchObject({
        counts: { deadLettered: 3, copied: 3, notCopied: 0 },
      });
    });

    test('and one that is too large there is an alarm, no more', async () => {
      const dead = await createTopic(bootstrap, 'dead', { config: { 'max.message.bytes': '3000' } });
      await using upstream = await startPoisonedUpstream();
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
      const letters = await keptCopies(bridge.operations);
      expect(letters).toHaveLength(3);
      expect(await copiesIn(dead)).toEqual([letters[0], letters[2]]);
    });
  });

  test('while they cannot be: the feed halts by the name deadLetters, publishes nothing twice, and goes on', async () => {
    const dead = uniqueName('missing');
    await using upstream = await startPoisonedUpstream();
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
    expect(upstream.isDone()).toBe(false);
    await createTopics(bootstrap, [dead]);
    await expect.poll(upstream.isDone, patience).toBe(true);
    expect(ids(await bridge.published('journey'))).toEqual(upstream.handedOut());
    expect([...new Set(await copiesIn(dead))]).toEqual(await keptCopies(bridge.operations));
  }, 60_000);

  test('while writing there is forbidden: likewise', async () => {
    const dead = await createTopic(bootstrap, 'dead');
    await forbidTopic(bootstrap, dead, 'describe');
    await using upstream = await startPoisonedUpstream();
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
    expect(await copiesIn(dead)).toEqual(await keptCopies(bridge.operations));
  }, 60_000);

  test('once Kafka is back: the ack waits for it, other feeds and pipelines do not', async () => {
    const dead = await createTopic(bootstrap, 'dead');
    await using upstream = await startPoisonedUpstream();
    await using other = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 30 }] });
    upstream.enqueueGolden();
    upstream.simulator.fill({ feed: 'document', events: 30 });
    await kafka.kill9();
    await using bridge = await startBridge({
      baseUrl: upstream.baseUrl,
      from: ['feeds: [journey, document]', 'schedule: { every: 200ms }', headers],
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
    expect(await keptCopies(bridge.operations)).toHaveLength(1);
    expect(upstream.isDone()).toBe(false);
    await kafka.restart();
    const before = performance.now();
    await expect.poll(upstream.isDone, patience).toBe(true);
    console.log(`dead letters, Kafka away: completed ${Math.round(performance.now() - before)} ms after it was back`);
    expect([...new Set(await copiesIn(dead))]).toEqual(await keptCopies(bridge.operations));
    expect(ids(await bridge.published('journey'))).toHaveLength(3);
    expect(bridge.recorder.of('feed.halted')).toEqual([]);
  }, 90_000);

  test('once the topic is there that `check` misses by the name of the pipeline, with the command that creates it', async () => {
    await using folder = await openCommandFolder();
    const dead = uniqueName('dead');
    const text = await readFile(folder.file, 'utf8');
    const brokers = `brokers: { out: { type: log, dir: events }, kafka: { type: kafka, bootstrap: ["${bootstrap}"] } }`;
    const settings = text.replace(/^brokers:.*$/m, brokers);
    await writeFile(folder.file, `${settings}    deadLetters: { broker: kafka, topic: ${dead} }\n`);
    const before = await runHere(['check', '-c', folder.file]);
    expect(before.code).toBe(1);
    expect(before.stdout).toMatch(new RegExp(`fenergo deadLetters +DESTINATION_MISSING {2}.*${dead}`));
    // One line, though two feeds send their dead letters there.
    expect(before.stdout.match(/DESTINATION_MISSING/g)).toHaveLength(1);
    const topology = await runHere(['check', '-c', folder.file, '--print-topology']);
    expect(topology.stdout.trimEnd().split('\n')).toHaveLength(1);
    await runTools(topology.stdout);
    const after = await runHere(['check', '-c', folder.file]);
    expect(after.code).toBe(0);
    expect(after.stdout).toMatch(new RegExp(`fenergo deadLetters +ok {2}topic ${dead} has`));
  }, 60_000);

  test('after a kill -9 between the local store and the copy; the events are not published again', async () => {
    const dead = await createTopic(bootstrap, 'dead');
    await using upstream = await startPoisonedUpstream();
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
            headers: { 'x-tenant-id': tenant },
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
    expect(copies.map((copy) => JSON.parse(copy))).toEqual([await goldenCopy()]);
    const lines: string[] = [];
    for await (const { line } of readLog(join(workplace.path, 'events'), 'fenergo.journey')) lines.push(String(line));
    expect(lines).toHaveLength(3);
  }, 90_000);
});

rabbitmqSuite('dead letters are copied to RabbitMQ', (rabbitmq) => {
  test('in order, with equal bytes; where no queue takes them the feed halts', async () => {
    const exchange = uniqueName('dead');
    await declareExchange(rabbitmq, exchange);
    await using upstream = await startPoisonedUpstream();
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
    expect(messages.map(({ body }) => body.toString())).toEqual(await keptCopies(bridge.operations));
    expect(JSON.parse(messages[0]?.body.toString() ?? '')).toEqual(await goldenCopy());
    expect(ids(await bridge.published('journey'))).toHaveLength(4);
  }, 60_000);
});

sqsSuite('dead letters are copied to SQS', ({ endpoint }) => {
  test('into a FIFO queue in order, with equal bytes, one group for each feed', async () => {
    const queue = `${uniqueName('dead')}.fifo`;
    const url = await createQueue(endpoint, queue);
    await using upstream = await startPoisonedUpstream();
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
    expect(messages.map(({ body }) => body)).toEqual(await keptCopies(bridge.operations));
    expect(JSON.parse(messages[0]?.body ?? '')).toEqual(await goldenCopy());
    expect(new Set(messages.map(({ group }) => group)).size).toBe(1);
  }, 60_000);
});
