import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import { alterTopicCommand } from '../../src/sinks/kafka/topic-commands.ts';
import { openCommandFolder } from '../support/cli/command-folder.ts';
import { allowOnly } from '../support/kafka/acl.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { runTools } from '../support/kafka/run-tools.ts';
import { never, openSink } from '../support/kafka/sink-calls.ts';
import { createTopic, createTopics, uniqueName } from '../support/kafka/topics.ts';
import { runHere } from '../unit/cli/support.ts';

const suite = await ownKafkaSuite();

const clients = ['platformatic', 'kafkajs'] as const;
type Client = (typeof clients)[number];

const oneReplica = (topic: string) => ({
  severity: 'warning',
  subject: 'test/a',
  code: 'DESTINATION_NOT_REPLICATED',
  message: `topic ${topic} has one replica: confirmed events are lost with that machine`,
  hint: expect.stringContaining('Three replicas'),
});

suite('check on a real broker', ({ bootstrap, ...kafka }) => {
  const access = { bootstrap: [bootstrap], tls: false as const, sasl: undefined };

  async function check(client: Client, topic: string, feeds = ['a'], more: object = {}): Promise<readonly Finding[]> {
    await using sink = await openSink(bootstrap, { topic, broker: { client, ...more } });
    return await sink.check(
      feeds.map((feed) => `test/${feed}` as const),
      never,
    );
  }

  describe.each(clients)('with %s', (client) => {
    test('tells what the topic of a feed is like', async () => {
      const config = { 'max.message.bytes': '2000000' };
      const topic = await createTopic(bootstrap, 'told', { partitions: 2, config });
      expect(await check(client, topic)).toEqual([
        { severity: 'ok', subject: 'kafka', message: 'reachable, a cluster of 1 broker' },
        {
          severity: 'ok',
          subject: 'test/a',
          message: `topic ${topic} has 2 partitions, 1 replica, min.insync.replicas=1, max.message.bytes=2000000`,
        },
        oneReplica(topic),
      ]);
    });

    test('finds settings that lose events, refuse them, or stop the feed', async () => {
      const config = {
        'min.insync.replicas': '2',
        'max.message.bytes': '1000',
        'unclean.leader.election.enable': 'true',
        'cleanup.policy': 'compact,delete',
      };
      const topic = await createTopic(bootstrap, 'weak', { config });
      const found = await check(client, topic);
      expect(
        found.flatMap((finding) => (finding.severity === 'ok' ? [] : `${finding.severity} ${finding.code}`)),
      ).toEqual([
        'error DESTINATION_UNWRITABLE',
        'warning DESTINATION_UNSAFE',
        'warning DESTINATION_UNSAFE',
        'warning DESTINATION_LIMIT_LOW',
      ]);
    });

    test('tells topics that are missing from those that are there, and creates none', async () => {
      const stem = uniqueName('some');
      const names = Array.from({ length: 30 }, (_, at) => `f${at}`);
      await createTopics(bootstrap, [`${stem}.f7`, `${stem}.f20`]);
      const missing = async () => {
        const found = await check(client, `${stem}.{feed}`, names);
        return found.flatMap((finding) =>
          finding.severity !== 'ok' && finding.code === 'DESTINATION_MISSING' ? [finding] : [],
        );
      };
      expect(await missing()).toHaveLength(28);
      expect((await missing())[0]).toEqual({
        severity: 'error',
        subject: 'test/f0',
        code: 'DESTINATION_MISSING',
        message: `kafka has no topic ${stem}.f0`,
        hint: expect.stringContaining('Create it'),
        command: `kafka-topics.sh --bootstrap-server ${bootstrap} --create --topic ${stem}.f0 --partitions 3 --replication-factor 1`,
      });
      expect(await missing()).toHaveLength(28);
    });

    test('says that settings are unknown where it may not ask for them', async () => {
      const topic = await createTopic(bootstrap, 'private', { partitions: 3 });
      await allowOnly(bootstrap, topic, ['describe', 'write']);
      await expect
        .poll(() => check(client, topic))
        .toEqual([
          { severity: 'ok', subject: 'kafka', message: 'reachable, a cluster of 1 broker' },
          {
            severity: 'ok',
            subject: 'test/a',
            message: `topic ${topic} has 3 partitions, 1 replica; min.insync.replicas and other settings are unknown; seeing them takes the permission DescribeConfigs on the topic`,
          },
          oneReplica(topic),
        ]);
    });

    test('names a topic that it may not even ask for, and speaks of the others', async () => {
      const stem = uniqueName('shut');
      await createTopics(bootstrap, [`${stem}.a`, `${stem}.b`]);
      await allowOnly(bootstrap, `${stem}.a`, []);
      await expect
        .poll(() => check(client, `${stem}.{feed}`, ['a', 'b']))
        .toMatchObject([
          { severity: 'ok', subject: 'kafka' },
          { severity: 'error', subject: 'test/a', code: 'BROKER_NOT_AUTHORISED' },
          { severity: 'ok', subject: 'test/b' },
          { severity: 'warning', subject: 'test/b' },
        ]);
    });

    test('looks at the broker alone where the topic depends on the event', async () => {
      expect(await check(client, 'x.{subject}')).toEqual([
        { severity: 'ok', subject: 'kafka', message: 'reachable, a cluster of 1 broker' },
        {
          severity: 'ok',
          subject: 'test/a',
          message: 'topic x.{subject} depends on the event: whether it exists cannot be looked at',
        },
      ]);
    });

    test('ends in time when the broker stops answering', async () => {
      const topic = await createTopic(bootstrap, 'frozen');
      await kafka.freeze();
      try {
        expect(await check(client, topic, ['a'], { confirmTimeout: '30s' })).toMatchObject([
          { severity: 'error', subject: 'kafka', code: 'BROKER_TIMEOUT' },
        ]);
      } finally {
        kafka.thaw();
      }
    });
  });

  test('says the same with both clients, in the same words', async () => {
    const stem = uniqueName('same');
    await createTopics(bootstrap, [`${stem}.a`, `${stem}.b`], { partitions: 2 });
    await createTopics(bootstrap, [`${stem}.c`], { config: { 'min.insync.replicas': '3', 'max.message.bytes': '9' } });
    await allowOnly(bootstrap, `${stem}.a`, []);
    await allowOnly(bootstrap, `${stem}.b`, ['describe', 'write']);
    const both = () => Promise.all(clients.map((client) => check(client, `${stem}.{feed}`, ['a', 'b', 'c', 'd'])));
    await expect.poll(async () => (await both())[0]).toHaveLength(8);
    const [one, other] = await both();
    expect(other).toEqual(one);
  });

  test('knows with platformatic, without writing, that writing is forbidden', async () => {
    const topic = await createTopic(bootstrap, 'readonly');
    await allowOnly(bootstrap, topic, ['describe', 'describeConfigs']);
    await expect
      .poll(() => check('platformatic', topic))
      .toContainEqual({
        severity: 'error',
        subject: 'test/a',
        code: 'BROKER_NOT_AUTHORISED',
        message: `the account may not write to topic ${topic}`,
        hint: 'Grant it the permission Write on the topic.',
      });
  });

  test('gives commands after which nothing is missing and nothing wrong', async () => {
    await using folder = await openCommandFolder();
    const topic = uniqueName('made');
    const text = await readFile(folder.file, 'utf8');
    const settings = text
      .replace(/^brokers:.*$/m, `brokers: { out: { type: kafka, bootstrap: ["${bootstrap}"] } }`)
      .replace('{ broker: out }', `{ broker: out, topic: "${topic}.{feed}" }`);
    await writeFile(folder.file, settings);
    const printed = () => runHere(['check', '-c', folder.file, '--print-topology']);

    const missing = await printed();
    expect(missing.code).toBe(0);
    expect(missing.stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(missing.stderr).toContain('DESTINATION_MISSING');
    await runTools(missing.stdout);

    const created = await printed();
    expect(created.stdout).toBe('');
    expect(created.stderr).toContain(`topic ${topic}.journey has 3 partitions, 1 replica`);
    expect(created.stderr).toContain('0 errors, 2 warnings');

    await runTools(alterTopicCommand(`${topic}.journey`, access, 'min.insync.replicas=2'));
    const unwritable = await printed();
    expect(unwritable.stdout).toMatch(/^# kafka-configs\.sh .*\n$/);
    expect(unwritable.stderr).toContain('DESTINATION_UNWRITABLE');
    await runTools(unwritable.stdout);
    expect((await printed()).stdout).toBe(unwritable.stdout);
    await runTools(unwritable.stdout.replace('# ', ''));
    expect(await printed()).toEqual(created);
  });
});
