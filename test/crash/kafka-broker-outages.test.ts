import { describe, test } from 'vitest';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { sendAway } from './broker-away.ts';
import { killBroker } from './broker-faults.ts';
import { openDrain } from './drain.ts';
import { clients } from './kafka-clients.ts';
import { kafkaGround } from './kafka-ground.ts';
import { callsFor } from './kill-bridges.ts';
import { full, killMoments, seed } from './scale.ts';

const restarts = full ? 3 : 1;
const outageMs = full ? 60_000 : 10_000;
const eventsPerFeed = full ? 5_000 : 500;
const calls = callsFor(eventsPerFeed);

const suite = await ownKafkaSuite();

suite('a bridge to Kafka', (broker) => {
  describe.each(clients)('with %s', (client) => {
    test(`a broker killed and restarted ${restarts + 1} times, the last time with the bridge, costs and reorders nothing`, {
      timeout: 300_000,
    }, async () => {
      await using drain = await openDrain(await kafkaGround(broker.bootstrap, { settings: { client } }), eventsPerFeed);
      await killBroker(drain, broker, killMoments(restarts + 1, calls));
      await drain.finish(`kafka by ${client}, broker killed and restarted ${restarts + 1} times (seed ${seed})`);
    });

    test(`a broker away for ${outageMs / 1_000} s costs nothing, and meanwhile the bridge neither grows nor chatters`, {
      timeout: 300_000,
    }, async () => {
      await using drain = await openDrain(await kafkaGround(broker.bootstrap, { settings: { client } }), eventsPerFeed);
      const [moment = 0] = killMoments(1, calls);
      const leaver = { leave: broker.kill9, comeBack: broker.restart };
      const absence = await sendAway(drain, leaver, moment, outageMs);
      const seconds = outageMs / 1_000;
      await drain.finish(`kafka by ${client}, broker away ${seconds} s (seed ${seed}), ${absence.told}`);
      absence.judge();
    });
  });
});
