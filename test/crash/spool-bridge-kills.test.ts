import { expect, test } from 'vitest';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { openDrain } from './drain.ts';
import { kafkaGround } from './kafka-ground.ts';
import { callsFor, killBridges } from './kill-bridges.ts';
import { logGround } from './log-ground.ts';
import { full, killMoments, seed } from './scale.ts';

const kills = full ? 20 : 3;
const eventsPerFeed = full ? 5_000 : 500;
const timeout = 600_000;

test(`acknowledged from the spool, ${kills} kills of a bridge to the log lose, reorder and complete nothing wrongly, and double what was spooled`, {
  timeout,
}, async () => {
  await using drain = await openDrain(await logGround(), eventsPerFeed, { ack: 'spool' });
  await killBridges(drain, killMoments(kills, callsFor(eventsPerFeed)));
  await drain.finish(`log, ack: spool, ${kills} kills of the bridge (seed ${seed})`);
});

const suite = await ownKafkaSuite();

suite('a bridge to Kafka that is acknowledged from the spool', (broker) => {
  test(`${kills} kills lose, reorder and complete nothing wrongly, and double what was spooled`, {
    timeout,
  }, async () => {
    await using drain = await openDrain(await kafkaGround(broker.bootstrap), eventsPerFeed, { ack: 'spool' });
    await killBridges(drain, killMoments(kills, callsFor(eventsPerFeed)));
    await drain.finish(`kafka, ack: spool, ${kills} kills of the bridge (seed ${seed})`);
  });

  test(`exactly-once, ${kills} kills double nothing`, { timeout }, async () => {
    const ground = await kafkaGround(broker.bootstrap, { exactlyOnce: true });
    await using drain = await openDrain(ground, eventsPerFeed, { ack: 'spool', delivery: 'exactly-once' });
    await killBridges(drain, killMoments(kills, callsFor(eventsPerFeed)));
    const [verdict] = await drain.finish(`kafka exactly-once, ack: spool, ${kills} kills of the bridge (seed ${seed})`);
    expect(verdict?.doubled).toEqual([]);
  });
});
