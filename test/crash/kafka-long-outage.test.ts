import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { type FlowingBridge, openFlowingBridge } from './flowing-bridge.ts';
import { kafkaGround } from './kafka-ground.ts';
import { full } from './scale.ts';

/** Enough for code to be compiled and heaps to have found their size. */
const warmUpMs = full ? 120_000 : 10_000;
const outageMs = full ? 600_000 : 10_000;
const eventsPerSecond = 20;
const mostMiB = 32;

const suite = await ownKafkaSuite();

async function flowFor(ms: number, bridges: readonly FlowingBridge[]): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    await delay(1_000);
    for (const bridge of bridges) await bridge.flow(eventsPerSecond);
  }
}

suite('a Kafka broker that is away', (broker) => {
  test(`for ${outageMs / 60_000} minutes grows a bridge by ${mostMiB} MiB at most, whether it acks from broker or spool`, {
    timeout: warmUpMs + outageMs + 900_000,
  }, async () => {
    await using fromBroker = await openFlowingBridge(await kafkaGround(broker.bootstrap), 'broker');
    await using fromSpool = await openFlowingBridge(await kafkaGround(broker.bootstrap), 'spool');
    const both = [fromBroker, fromSpool];
    await flowFor(warmUpMs, both);
    const began = Date.now();
    await broker.kill9();
    for (const bridge of both) bridge.brokerLeft();
    await flowFor(outageMs, both);
    await broker.restart();
    const outage = { began, ended: Date.now() };
    const minutes = outageMs / 60_000;
    const withBroker = await fromBroker.finish(`kafka away ${minutes} min, ack: broker`, outage);
    const withSpool = await fromSpool.finish(`kafka away ${minutes} min, ack: spool`, outage);
    expect(withBroker.batches).toBeLessThanOrEqual(1);
    expect(withBroker.rssMiB).toBeLessThanOrEqual(mostMiB);
    expect(withSpool.batches).toBeGreaterThan(1);
    expect(withSpool.rssMiB).toBeLessThanOrEqual(mostMiB);
  });
});
