import { expect, test } from 'vitest';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { openExactlyOnceDrain } from './exactly-once-drain.ts';
import { callsFor } from './kill-bridges.ts';
import { full, killMoments, seed } from './scale.ts';

const eventsPerFeed = full ? 3_000 : 300;
const brokerKills = full ? 10 : 2;

const suite = await ownKafkaSuite();

suite('an exactly-once bridge to Kafka', (broker) => {
  test(`publishes each event once while the broker is killed ${brokerKills} times`, { timeout: 900_000 }, async () => {
    await using drain = await openExactlyOnceDrain(broker.bootstrap, eventsPerFeed);
    for (const moment of killMoments(brokerKills, callsFor(eventsPerFeed))) {
      await using bridge = startBridge(drain.home.configFile);
      await bridge.whileRunning(drain.upstream.reached(moment));
      const outage = await drain.outage(async () => {
        await broker.kill9();
        await broker.restart();
      });
      await bridge.whileRunning(drain.recovered(outage));
      expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
    }
    const [verdict] = await drain.finish(`kafka exactly-once, ${brokerKills} kills of the broker (seed ${seed})`);
    expect(verdict?.doubled).toEqual([]);
  });
});
