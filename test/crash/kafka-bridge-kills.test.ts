import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { clients } from './kafka-clients.ts';
import { type KafkaDrain, openKafkaDrain } from './kafka-drain.ts';
import { full, killMoments, seed } from './scale.ts';

const kills = full ? 20 : 3;
const eventsPerFeed = full ? 5_000 : 500;
/** A call comes every few milliseconds: so long after one, everything can be going on. */
const scatterMs = 5;
const roll = dice(seed + 2);

/** One `next` and one `complete` for each batch of ten, at least. */
function callsFor(events: number): number {
  return (feedNames.length * events * 2) / 10;
}

async function killBridges(drain: KafkaDrain, moments: readonly number[]): Promise<void> {
  for (const moment of moments) {
    await using bridge = startBridge(drain.home.configFile);
    await bridge.whileRunning(drain.upstream.reached(moment));
    await delay(roll() * scatterMs);
    await bridge.kill9();
    await drain.bridgeDied();
  }
}

const suite = await ownKafkaSuite();

suite('a bridge to Kafka', (broker) => {
  test.each(clients)(
    `with %s: ${kills} kills lose, reorder and complete nothing wrongly, and double one batch a feed at most`,
    {
      timeout: 600_000,
    },
    async (client) => {
      await using drain = await openKafkaDrain(broker.bootstrap, eventsPerFeed, { settings: { client } });
      await killBridges(drain, killMoments(kills, callsFor(eventsPerFeed)));
      const { doubled } = await drain.finish(`kafka by ${client}, ${kills} kills of the bridge (seed ${seed})`);
      for (const feed of feedNames) {
        const extra = doubled.reduce((sum, batch) => sum + (batch.feed === feed ? batch.extra : 0), 0);
        expect(extra).toBeLessThanOrEqual(kills);
      }
    },
  );

  test('keeps order for each entity across partitions, through kills and a broker that hangs', {
    timeout: 120_000,
  }, async () => {
    const events = 500;
    const settings = { confirmTimeout: '2s' };
    await using drain = await openKafkaDrain(broker.bootstrap, events, {
      settings,
      entities: 7,
      topics: { partitions: 3 },
    });
    const [hang = 0, ...moments] = killMoments(4, callsFor(events));
    {
      await using bridge = startBridge(drain.home.configFile);
      await bridge.whileRunning(drain.upstream.reached(hang));
      const outage = await drain.outage(async () => {
        await broker.freeze();
        await delay(3_000);
        broker.thaw();
      });
      await bridge.whileRunning(drain.recovered(outage));
      expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
    }
    await killBridges(drain, moments);
    await drain.finish(`kafka, order by entity, 1 freeze and ${moments.length} kills of the bridge (seed ${seed})`);
  });
});
