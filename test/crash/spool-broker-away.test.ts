import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { watchVitals } from '../support/bridge/vitals.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { openDrain } from './drain.ts';
import { kafkaGround } from './kafka-ground.ts';
import { full, seed } from './scale.ts';

const awaySeconds = full ? 60 : 10;
/** That come in meanwhile, for all feeds together. */
const eventsPerSecond = full ? 2_040 : 600;
const perFeed = eventsPerSecond / feedNames.length;
/** Behind upstream when the last ones have come. */
const lagMs = 30_000;
/** For what is on its way, and its garbage: no more than while the broker is there. What waits in the spool is 0.8 GiB in memory. */
const extraMiB = 192;
const drainedMs = 240_000;

const suite = await ownKafkaSuite();

suite('a bridge to Kafka that is acknowledged from the spool', (broker) => {
  test(`whose broker is away for ${awaySeconds} s takes in all that comes, and delivers it in order`, {
    timeout: 600_000,
  }, async () => {
    await using drain = await openDrain(await kafkaGround(broker.bootstrap), 200, { ack: 'spool' });
    const { upstream, simulator, home } = drain;
    await using bridge = startBridge(home.configFile);
    expect(await bridge.whileRunning(simulator.drained(lagMs))).toBe(true);
    const watch = watchVitals(bridge.pid);
    using watching = new DisposableStack();
    watching.use(watch);
    await broker.kill9();
    drain.brokerShaken();
    const gone = Date.now();
    const before = watch.samples.at(-1)?.rssMiB ?? 0;
    for (let second = 1; second <= awaySeconds; second += 1) {
      upstream.refill(perFeed);
      await bridge.whileRunning(delay(Math.max(0, gone + second * 1_000 - Date.now())));
    }
    const last = Date.now();
    expect(await bridge.whileRunning(simulator.drained(lagMs))).toBe(true);
    const behindMs = Date.now() - last;
    const ended = Date.now();
    const spooled = drain.spool?.records() ?? 0;
    expect(spooled).toBeGreaterThanOrEqual(awaySeconds * eventsPerSecond);
    const most = (from: number, to: number) =>
      Math.max(
        ...watch.samples.filter(({ at }) => at >= from && at < to).map(({ rssMiB }) => Math.round(rssMiB - before)),
      );
    const middle = (gone + ended) / 2;
    const [early, late] = [most(gone, middle), most(middle, ended)];

    await bridge.whileRunning(broker.restart());
    drain.brokerShaken();
    const back = Date.now();
    await expect.poll(() => drain.spool?.records(), { timeout: drainedMs, interval: 500 }).toBe(0);
    const emptyMs = Date.now() - back;
    const draining = most(back, Date.now());
    watching.dispose();
    expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
    await drain.finish(
      `kafka, ack: spool, broker away ${awaySeconds} s at ${eventsPerSecond} events/s (seed ${seed}): ${spooled} spooled, ${behindMs} ms behind upstream at its end, ` +
        `at most ${early}, later ${late}, and while it was emptied (${emptyMs} ms) ${draining} MiB more than before`,
    );
    expect(Math.max(early, late)).toBeLessThanOrEqual(extraMiB);
  });
});
