import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import type { Sink } from '../../src/core/sink.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import type { OwnKafka } from '../support/kafka/native-broker.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { event, openSinkWith, publish } from '../support/kafka/sink-calls.ts';
import { createTopic } from '../support/kafka/topics.ts';
import { mayBeSkipped } from '../support/may-be-skipped.ts';
import { full } from './scale.ts';

/** Sends events, and gives the ids of those that were acknowledged. */
type Send = (ids: readonly string[]) => Promise<readonly string[]>;

const [freezes, freezeMs, thawedMs] = [4, 4_000, 1_500];
const requestMs = 1_500;
const perSend = 5;
const rounds = 4;

const suite = full ? await ownKafkaSuite() : notNow;

function notNow(title: string, body: (kafka: OwnKafka) => void): void {
  describe.skip(title, mayBeSkipped('it shows why something is so, and takes minutes: FEEDFERRY_FULL=1'), () =>
    body({} as OwnKafka),
  );
}

/** Keeps `concurrency` sends open while the broker is frozen again and again, then reads everything back. */
async function underFreezes(kafka: OwnKafka, topic: string, concurrency: number, send: Send) {
  const acknowledged: string[] = [];
  let made = 0;
  let ended = false;
  const worker = async () => {
    while (!ended) acknowledged.push(...(await send(Array.from({ length: perSend }, () => String(made++)))));
  };
  const workers = Array.from({ length: concurrency }, worker);
  for (let freeze = 0; freeze < freezes; freeze++) {
    await delay(thawedMs);
    await kafka.freeze();
    await delay(freezeMs);
    kafka.thaw();
  }
  await delay(thawedMs);
  ended = true;
  await Promise.all(workers);
  const stored = await readTopic(kafka.bootstrap, topic, 'platformatic');
  return { acknowledged, stored: stored.map(({ key = '' }) => key) };
}

function judged(
  what: string,
  { acknowledged, stored }: { acknowledged: readonly string[]; stored: readonly string[] },
) {
  const found = new Set(stored);
  const lost = acknowledged.filter((id) => !found.has(id)).length;
  const doubled = stored.length - found.size;
  console.log(`${what}: ${acknowledged.length} acknowledged, ${lost} lost, ${doubled} stored twice`);
  return { lost, doubled };
}

/** One call at a time, repeated until all of it is confirmed, as the pipeline does. */
function sendBy(sink: Sink, topic: string): Send {
  return async (ids) => {
    const envelopes = ids.map((key) => event(topic, { key }));
    for (;;) {
      const deliveries = await publish(sink, envelopes);
      if (deliveries.every(({ status }) => status === 'confirmed')) return ids;
      await delay(50);
    }
  };
}

suite('with a broker that is frozen for longer than a request may take,', (kafka) => {
  const what = `${freezes} freezes of ${freezeMs} ms`;

  test('the idempotent producer of kafkajs loses what was acknowledged', { timeout: 600_000 }, async () => {
    let lost = 0;
    for (let round = 0; round < rounds && lost === 0; round++) {
      const topic = await createTopic(kafka.bootstrap, 'idempotent');
      const client = new Kafka({ brokers: [kafka.bootstrap], requestTimeout: requestMs, logLevel: logLevel.NOTHING });
      const producer = client.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      const send: Send = async (ids) =>
        producer.send({ topic, acks: -1, messages: ids.map((key) => ({ key, value: key })) }).then(
          () => ids,
          () => [],
        );
      const evidence = await underFreezes(kafka, topic, 16, send);
      lost += judged(`kafkajs, idempotent, ${what}`, evidence).lost;
      await producer.disconnect();
    }
    expect(lost).toBeGreaterThan(0);
  });

  test('the sink with kafkajs loses nothing', { timeout: 600_000 }, async () => {
    for (let round = 0; round < 2; round++) {
      const topic = await createTopic(kafka.bootstrap, 'plain');
      await using sink = await openSinkWith('kafkajs')(kafka.bootstrap, {
        broker: { confirmTimeout: `${2 * requestMs}ms` },
      });
      const evidence = await underFreezes(kafka, topic, 1, sendBy(sink, topic));
      expect(judged(`the sink with kafkajs, ${what}`, evidence).lost).toBe(0);
    }
  });
});
