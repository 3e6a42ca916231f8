import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { type Vitals, watchVitals } from '../support/bridge/vitals.ts';
import { handedOutDuring, type Outage } from '../support/judge/recovery.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { clients } from './kafka-clients.ts';
import { openKafkaDrain } from './kafka-drain.ts';
import { full, killMoments, seed } from './scale.ts';

const restarts = full ? 3 : 1;
const outageMs = full ? 60_000 : 10_000;
const eventsPerFeed = full ? 5_000 : 500;
const calls = (feedNames.length * eventsPerFeed * 2) / 10;

/** Beyond what the bridge has when the broker goes: what reconnecting costs, and the heap between two collections. */
const extraMiB = 32;
/** Of the second half of an outage over the first: nothing may pile up. */
const growthMiB = 8;
const extraFiles = 8;
const linesPerSecond = 5;

/** The most that was needed in the first and the second half of an outage, over what was needed when it began. */
function summarise(samples: readonly Vitals[], { began, ended }: Outage) {
  const before = samples.filter(({ at }) => at < began).at(-1) ?? { rssMiB: 0, files: 0 };
  const middle = (began + ended) / 2;
  const most = (from: number, to: number, of: 'rssMiB' | 'files') =>
    Math.round(Math.max(...samples.filter(({ at }) => at >= from && at < to).map((each) => each[of] - before[of])));
  return {
    rssEarly: most(began, middle, 'rssMiB'),
    rssLate: most(middle, ended, 'rssMiB'),
    files: most(began, ended, 'files'),
  };
}

const suite = await ownKafkaSuite();

suite('a bridge to Kafka', (broker) => {
  describe.each(clients)('with %s', (client) => {
    test(`a broker killed and restarted ${restarts + 1} times, the last time with the bridge, costs and reorders nothing`, {
      timeout: 300_000,
    }, async () => {
      await using drain = await openKafkaDrain(broker.bootstrap, eventsPerFeed, { settings: { client } });
      const moments = killMoments(restarts + 1, calls);
      await using first = startBridge(drain.home.configFile);
      for (const moment of moments.slice(0, -1)) {
        await first.whileRunning(drain.upstream.reached(moment));
        const outage = await drain.outage(async () => {
          await broker.kill9();
          await first.whileRunning(broker.restart());
        });
        await first.whileRunning(drain.recovered(outage));
      }
      await first.whileRunning(drain.upstream.reached(moments.at(-1) ?? 0));
      await using resources = new AsyncDisposableStack();
      const outage = await drain.outage(async () => {
        await broker.kill9();
        await first.kill9();
        await drain.bridgeDied();
        const second = resources.use(startBridge(drain.home.configFile));
        await second.logs(({ event, activity }) => event === 'attempt.failed' && activity === 'publish');
        await second.whileRunning(broker.restart());
      });
      await drain.recovered(outage);
      await resources.disposeAsync();
      await drain.bridgeDied();
      await drain.finish(`kafka by ${client}, broker killed and restarted ${restarts + 1} times (seed ${seed})`);
    });

    test(`a broker away for ${outageMs / 1_000} s costs nothing, and meanwhile the bridge neither grows nor chatters`, {
      timeout: 300_000,
    }, async () => {
      await using drain = await openKafkaDrain(broker.bootstrap, eventsPerFeed, { settings: { client } });
      const [moment = 0] = killMoments(1, calls);
      let away = { began: 0, ended: 0 };
      let lines = 0;
      let samples: readonly Vitals[] = [];
      {
        await using bridge = startBridge(drain.home.configFile);
        await bridge.whileRunning(drain.upstream.reached(moment));
        using watch = watchVitals(bridge.pid);
        const outage = await drain.outage(async () => {
          await broker.kill9();
          const before = bridge.log().length;
          away = { began: Date.now(), ended: Date.now() + outageMs };
          await bridge.whileRunning(delay(outageMs));
          lines = bridge.log().length - before;
          await bridge.whileRunning(broker.restart());
        });
        await bridge.whileRunning(drain.recovered(outage));
        samples = watch.samples;
        expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
      }
      const needs = summarise(samples, away);
      const grown = `at most ${needs.rssEarly}, later ${needs.rssLate} MiB and ${needs.files} files more than before`;
      const seconds = outageMs / 1_000;
      await drain.finish(`kafka by ${client}, broker away ${seconds} s (seed ${seed}), ${lines} log lines, ${grown}`);

      const handedOut = handedOutDuring(away, drain.simulator.ledger());
      expect(Math.max(0, ...handedOut.values())).toBeLessThanOrEqual(1);
      expect(lines / seconds).toBeLessThanOrEqual(linesPerSecond);
      expect(needs.rssEarly).toBeLessThanOrEqual(extraMiB);
      expect(needs.rssLate - needs.rssEarly).toBeLessThanOrEqual(growthMiB);
      expect(needs.files).toBeLessThanOrEqual(extraFiles);
    });
  });
});
