import { describe, expect, test } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { TopicFacts, TopicSettings } from '../../../src/sinks/kafka/client.ts';
import { kafkaBroker, kafkaDestination } from '../../../src/sinks/kafka/config.ts';
import { openKafkaSink } from '../../../src/sinks/kafka/kafka-sink.ts';
import { createFakeClient } from './fake-client.ts';

const safe: TopicSettings = {
  minInsyncReplicas: 2,
  maxMessageBytes: 1_048_588,
  uncleanLeaderElection: false,
  compacted: false,
};
const good: TopicFacts = { partitions: 6, replicas: 3, writable: true, settings: safe };
const never = new AbortController().signal;

interface Setup {
  readonly topic?: string;
  readonly brokers?: number;
  readonly broker?: object;
}

/** What check says with a cluster that has this to say of all topics. */
async function check(facts: TopicFacts | BridgeError, { topic = 't', brokers = 3, broker = {} }: Setup = {}) {
  const client = createFakeClient({});
  const names = topic.includes('{subject}') ? [] : [topic];
  client.description = { brokers, topics: new Map(names.map((name) => [name, facts])) };
  const settings = kafkaBroker.parse({ type: 'kafka', bootstrap: ['kafka:9092'], ...broker });
  const to = kafkaDestination.parse({ broker: 'bus', topic });
  const context = { pipeline: 'p', brokerName: 'bus', baseDir: '/' };
  await using sink = openKafkaSink(settings, to, context, () => client);
  return { findings: await sink.check(['p/a', 'p/b'], never), client };
}

/** Of the one feed. */
async function troubles(facts: TopicFacts | BridgeError, setup?: Setup) {
  const { findings } = await check(facts, setup);
  return findings.flatMap((finding) => (finding.severity !== 'ok' && finding.subject === 'p/a' ? [finding] : []));
}

function withSettings(replicas: number, settings: Partial<TopicSettings>): TopicFacts {
  return { ...good, replicas, settings: { ...safe, ...settings } };
}

function command({ command: text = '' }: Extract<Finding, { severity: 'error' | 'warning' }>): string {
  return text;
}

describe('check finds', () => {
  test('nothing to say against three replicas of which two confirm', async () => {
    const { findings } = await check(good);
    const message = 'topic t has 6 partitions, 3 replicas, min.insync.replicas=2, max.message.bytes=1048588';
    expect(findings).toEqual([
      { severity: 'ok', subject: 'bus', message: 'reachable, a cluster of 3 brokers' },
      { severity: 'ok', subject: 'p/a', message },
      { severity: 'ok', subject: 'p/b', message },
    ]);
  });

  test.each([
    [1, 1, 'warning DESTINATION_NOT_REPLICATED', ''],
    [1, 2, 'error DESTINATION_UNWRITABLE', 'min.insync.replicas=1'],
    [2, 1, 'warning DESTINATION_NOT_REPLICATED', 'min.insync.replicas=2'],
    [2, 2, 'warning DESTINATION_FRAGILE', ''],
    [2, 3, 'error DESTINATION_UNWRITABLE', 'min.insync.replicas=2'],
    [3, 1, 'warning DESTINATION_NOT_REPLICATED', 'min.insync.replicas=2'],
    [3, 3, 'warning DESTINATION_FRAGILE', 'min.insync.replicas=2'],
    [3, 4, 'error DESTINATION_UNWRITABLE', 'min.insync.replicas=2'],
    [5, 5, 'warning DESTINATION_FRAGILE', 'min.insync.replicas=4'],
  ])('of %i replicas with %i to confirm: %s', async (replicas, minInsyncReplicas, expected, setting) => {
    const found = await troubles(withSettings(replicas, { minInsyncReplicas }));
    expect(found.map(({ severity, code }) => `${severity} ${code}`)).toEqual([expected]);
    const [first] = found.map(command);
    expect(first).toBe(
      setting &&
        `kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics --entity-name t --add-config ${setting}`,
    );
  });

  test('elections that lose events, compaction, and a limit below what is sent at once', async () => {
    const bad = { uncleanLeaderElection: true, compacted: true, maxMessageBytes: 500_000 };
    const found = await troubles(withSettings(3, bad));
    expect(found.map(({ code }) => code)).toEqual([
      'DESTINATION_UNSAFE',
      'DESTINATION_UNSAFE',
      'DESTINATION_LIMIT_LOW',
    ]);
    expect(found.map((finding) => command(finding).split(' ').at(-1))).toEqual([
      'unclean.leader.election.enable=false',
      'cleanup.policy=delete',
      'max.message.bytes=1048588',
    ]);
    expect(found.every(({ severity }) => severity === 'warning')).toBe(true);
  });

  test('that writing is forbidden, where the broker says so', async () => {
    expect(await troubles({ ...good, writable: false })).toMatchObject([
      { severity: 'error', code: 'BROKER_NOT_AUTHORISED', message: 'the account may not write to topic t' },
    ]);
    expect(await troubles({ ...good, writable: undefined })).toEqual([]);
  });
});

describe('check does not blame', () => {
  test('a topic for settings that it may not see', async () => {
    const { findings } = await check({ ...good, settings: undefined });
    expect(findings.every(({ severity }) => severity === 'ok')).toBe(true);
    expect(findings[1]?.message).toContain('unknown; seeing them takes the permission DescribeConfigs');
  });

  test('a topic for settings that the broker does not have', async () => {
    const none = { minInsyncReplicas: undefined, maxMessageBytes: undefined, uncleanLeaderElection: undefined };
    const { findings } = await check(withSettings(3, { ...none, compacted: undefined }));
    expect(findings[1]).toEqual({ severity: 'ok', subject: 'p/a', message: 'topic t has 6 partitions, 3 replicas' });
    expect(findings.every(({ severity }) => severity === 'ok')).toBe(true);
  });

  test('a topic that depends on the event, but says so', async () => {
    const { findings, client } = await check(good, { topic: 'x.{subject}' });
    expect(client.asked).toEqual([[]]);
    expect(findings).toContainEqual({
      severity: 'ok',
      subject: 'p/b',
      message: 'topic x.{subject} depends on the event: whether it exists cannot be looked at',
    });
  });
});

describe('the command for a missing topic', () => {
  const missing = new BridgeError('DESTINATION_MISSING', 'bus has no topic t');
  const create = 'kafka-topics.sh --bootstrap-server kafka:9092 --create --topic t --partitions 3';

  test.each([
    [1, `${create} --replication-factor 1`],
    [2, `${create} --replication-factor 2`],
    [3, `${create} --replication-factor 3 --config min.insync.replicas=2`],
    [9, `${create} --replication-factor 3 --config min.insync.replicas=2`],
  ])('has as many replicas as %i brokers can keep', async (brokers, expected) => {
    expect((await troubles(missing, { brokers })).map(command)).toEqual([expected]);
  });

  test('says where credentials go, and has none', async () => {
    const sasl = { mechanism: 'plain', username: 'ferry', password: 'open-sesame' };
    const found = await troubles(missing, { broker: { sasl } });
    expect(found.map(command)[0]).toContain(' --command-config client.properties ');
    expect(found[0]?.hint).toContain('client.properties');
    expect(JSON.stringify(found)).not.toContain('open-sesame');
  });

  test('has nothing that a shell would take for more than a word', async () => {
    const found = await troubles(missing, { broker: { bootstrap: ["a$(id);'x:1", '[::1]:9092'] } });
    expect(found.map(command)[0]).toContain(`--bootstrap-server 'a$(id);'\\''x:1,[::1]:9092' --create`);
  });
});

test('asks once for all feeds of a topic', async () => {
  const { client } = await check(good);
  expect(client.asked).toEqual([['t']]);
});

test('says what a client cannot be made of, and does not throw', async () => {
  const settings = kafkaBroker.parse({ type: 'kafka', bootstrap: ['kafka:9092'] });
  const to = kafkaDestination.parse({ broker: 'bus', topic: 't' });
  await using sink = openKafkaSink(settings, to, { pipeline: 'p', brokerName: 'bus', baseDir: '/' }, () => {
    throw new BridgeError('BROKER_AUTH_REFUSED', 'no');
  });
  expect(await sink.check(['p/a'], never)).toMatchObject([{ severity: 'error', code: 'BROKER_AUTH_REFUSED' }]);
});
