import { test } from 'vitest';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { freezeBroker } from './broker-faults.ts';
import { openDrain } from './drain.ts';
import { callsFor, killBridges } from './kill-bridges.ts';
import { rabbitmqGround } from './rabbitmq-ground.ts';
import { full, killMoments, seed } from './scale.ts';

const kills = full ? 20 : 3;
const eventsPerFeed = full ? 5_000 : 500;
const entities = 50;

const suite = await ownRabbitmqSuite();

suite('a bridge to RabbitMQ', (broker) => {
  test(`keeps order for each of ${entities} entities in a feed, through kills and a broker that hangs`, {
    timeout: 600_000,
  }, async () => {
    const ground = await rabbitmqGround(broker, { confirmTimeout: '2s' });
    await using drain = await openDrain(ground, eventsPerFeed, { entities });
    const [hang = 0, ...moments] = killMoments(kills + 1, callsFor(eventsPerFeed));
    await freezeBroker(drain, broker, [hang], 3_000);
    await killBridges(drain, moments);
    const what = `1 freeze and ${moments.length} kills of the bridge`;
    await drain.finish(`rabbitmq, order by entity (${entities} a feed), ${what} (seed ${seed})`);
  });
});
