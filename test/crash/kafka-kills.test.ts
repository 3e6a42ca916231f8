import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { openKafkaDrain } from './kafka-drain.ts';
import { full, killMoments, seed } from './scale.ts';

const kills = full ? 5 : 3;
const eventsPerFeed = full ? 2_000 : 500;
const calls = (feedNames.length * eventsPerFeed * 2) / 10;
const scatterMs = 5;
/** What the bridge gives itself, and what it takes to close. */
const exitLimitMs = 28_000;

const suite = await ownKafkaSuite();

suite('a bridge to Kafka', (broker) => {
  test(`${kills} kills of the bridge and one of the broker lose, reorder and complete nothing wrongly`, {
    timeout: 150_000,
  }, async () => {
    const roll = dice(seed + 2);
    await using drain = await openKafkaDrain(broker.bootstrap, eventsPerFeed);
    const moments = killMoments(kills + 1, calls);
    let outageMs = 0;
    for (const [index, moment] of moments.entries()) {
      await using bridge = startBridge(drain.home.configFile);
      await bridge.whileRunning(drain.upstream.reached(moment));
      await delay(roll() * scatterMs);
      if (index === Math.floor(moments.length / 2)) {
        const began = performance.now();
        await broker.kill9();
        drain.brokerShaken();
        // Until the bridge gives its producer up; a quick run is content with the client's own repeats.
        if (full) await bridge.logs(({ event, activity }) => event === 'attempt.failed' && activity === 'publish');
        await bridge.whileRunning(broker.restart());
        drain.brokerShaken();
        outageMs = performance.now() - began;
        const { completes } = drain.upstream;
        const before = completes.length;
        await bridge.whileRunning(expect.poll(() => completes.length, { timeout: 60_000 }).toBeGreaterThan(before));
        expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
      } else {
        await bridge.kill9();
        await drain.bridgeDied();
      }
    }
    const outage = `broker killed and back after ${Math.round(outageMs)} ms`;
    const { doubled } = await drain.finish(`kafka, ${kills} kills, ${outage} (seed ${seed})`);
    for (const feed of feedNames) {
      const extra = doubled.reduce((sum, batch) => sum + (batch.feed === feed ? batch.extra : 0), 0);
      expect(extra).toBeLessThanOrEqual(kills + 1);
    }
  });

  test('SIGTERM while the broker does not answer ends within the deadline, and nothing is lost', {
    timeout: 180_000,
  }, async () => {
    await using drain = await openKafkaDrain(broker.bootstrap, 100);
    let tookMs = 0;
    {
      await using bridge = startBridge(drain.home.configFile);
      await bridge.whileRunning(drain.upstream.reached(40));
      await broker.freeze();
      drain.brokerShaken();
      const asked = performance.now();
      const exit = await bridge.sigterm();
      tookMs = performance.now() - asked;
      expect(exit).toEqual({ code: 0, signal: null });
      expect(bridge.log().at(-1)).toMatchObject({ event: 'daemon.stopped', drained: false });
      broker.thaw();
    }
    expect(tookMs).toBeLessThan(exitLimitMs);
    await drain.finish(`kafka, SIGTERM with the broker away, ended in ${Math.round(tookMs)} ms`);
  });
});
