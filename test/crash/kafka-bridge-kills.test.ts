import { test } from 'vitest';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { freezeBroker } from './broker-faults.ts';
import { openDrain } from './drain.ts';
import { kafkaGround } from './kafka-ground.ts';
import { callsFor, killBridges } from './kill-bridges.ts';
import { killMoments, seed } from './scale.ts';

const suite = await ownKafkaSuite();

suite('a bridge to Kafka', (broker) => {
  test('keeps order for each entity across partitions, through kills and a broker that hangs', {
    timeout: 120_000,
  }, async () => {
    const events = 500;
    const ground = await kafkaGround(broker.bootstrap, {
      settings: { confirmTimeout: '2s' },
      topics: { partitions: 3 },
    });
    await using drain = await openDrain(ground, events, { entities: 7 });
    const [hang = 0, ...moments] = killMoments(4, callsFor(events));
    await freezeBroker(drain, broker, [hang], 3_000);
    await killBridges(drain, moments);
    await drain.finish(`kafka, order by entity, 1 freeze and ${moments.length} kills of the bridge (seed ${seed})`);
  });
});
