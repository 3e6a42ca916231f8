import { expect, test } from 'vitest';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { ownSqsSuite } from '../support/sqs/acquire.ts';
import { inFlight, killHooks } from './hook-kills.ts';
import { kafkaGround } from './kafka-ground.ts';
import { logGround } from './log-ground.ts';
import { rabbitmqGround } from './rabbitmq-ground.ts';
import { full } from './scale.ts';
import { sqsGround } from './sqs-ground.ts';

const kills = full ? 20 : 3;
const timeout = 900_000;
const promise = `${kills} kills with ${inFlight} requests in flight lose nothing that was answered 2xx`;

test(`webhooks to the log: ${promise}`, { timeout }, async () => {
  await using ground = await logGround();
  await killHooks('webhooks, log', ground, kills);
});

const kafka = await ownKafkaSuite();

kafka('webhooks to Kafka', (broker) => {
  test(`exactly once from the spool: ${promise}, and doubles nothing`, { timeout }, async () => {
    await using ground = await kafkaGround(broker.bootstrap, { exactlyOnce: true });
    const pipeline = { ack: 'spool', delivery: 'exactly-once' };
    expect(await killHooks('webhooks, kafka, exactly once', ground, kills, pipeline)).toBe(0);
  });

  if (full) {
    test(promise, { timeout }, async () => {
      await using ground = await kafkaGround(broker.bootstrap);
      await killHooks('webhooks, kafka', ground, kills);
    });
  }
});

// A run of all tests has the kills of the crash laboratory there, with fewer requests in flight.
if (full) {
  test(`webhooks answered from the spool: ${promise}`, { timeout }, async () => {
    await using ground = await logGround();
    await killHooks('webhooks, log, ack: spool', ground, kills, { ack: 'spool' });
  });

  const rabbitmq = await ownRabbitmqSuite();

  rabbitmq('webhooks to RabbitMQ', (broker) => {
    test(promise, { timeout }, async () => {
      await using ground = await rabbitmqGround(broker);
      await killHooks('webhooks, rabbitmq', ground, kills);
    });
  });

  const sqs = await ownSqsSuite();

  sqs('webhooks to SQS', (broker) => {
    test(promise, { timeout }, async () => {
      await using ground = await sqsGround(broker.endpoint, 'standard');
      await killHooks('webhooks, sqs', ground, kills);
    });
  });
}
