import { describe, expect, test } from 'vitest';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { freezeBroker } from './broker-faults.ts';
import { openDrain } from './drain.ts';
import { clients } from './kafka-clients.ts';
import { kafkaGround } from './kafka-ground.ts';
import { callsFor } from './kill-bridges.ts';
import { full, killMoments, seed } from './scale.ts';

const freezes = full ? 4 : 2;
const freezeMs = full ? 4_000 : 3_000;
const eventsPerFeed = full ? 5_000 : 500;
const calls = callsFor(eventsPerFeed);
/** Shorter than a freeze, and longer. */
const deadlines = ['2s', '10s'];
/** What the bridge gives itself, and what it takes to close. */
const exitLimitMs = 28_000;

const suite = await ownKafkaSuite();

suite('a bridge to Kafka', (broker) => {
  describe.each(clients)('with %s', (client) => {
    test.each(deadlines)(
      `a broker frozen ${freezes} times costs and reorders nothing, with %s for a confirm`,
      {
        timeout: 240_000,
      },
      async (confirmTimeout) => {
        const ground = await kafkaGround(broker.bootstrap, { settings: { client, confirmTimeout } });
        await using drain = await openDrain(ground, eventsPerFeed);
        await freezeBroker(drain, broker, killMoments(freezes, calls), freezeMs);
        const what = `${freezes} freezes of ${freezeMs} ms, confirm within ${confirmTimeout}`;
        await drain.finish(`kafka by ${client}, ${what} (seed ${seed})`);
      },
    );
  });

  test('SIGTERM while the broker does not answer ends within the deadline, and nothing is lost, with either client', {
    timeout: 240_000,
  }, async () => {
    await using resources = new AsyncDisposableStack();
    const opened = await Promise.all(
      clients.map(async (client) => {
        const ground = await kafkaGround(broker.bootstrap, { settings: { client } });
        const drain = resources.use(await openDrain(ground, 2_000));
        return { client, drain, bridge: resources.use(startBridge(drain.home.configFile)) };
      }),
    );
    await Promise.all(opened.map(({ drain, bridge }) => bridge.whileRunning(drain.upstream.reached(40))));
    await broker.freeze();
    for (const { drain } of opened) {
      // One may have come to its end while the other began.
      drain.upstream.refill(100);
      await expect.poll(() => drain.inFlight(), { timeout: 20_000 }).not.toEqual([]);
      drain.brokerShaken();
    }
    const asked = performance.now();
    const stops = await Promise.all(
      opened.map(async ({ bridge, ...rest }) => {
        expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
        expect(bridge.log().at(-1)).toMatchObject({ event: 'daemon.stopped', drained: false });
        return { ...rest, tookMs: Math.round(performance.now() - asked) };
      }),
    );
    for (const { drain } of opened) drain.brokerShaken();
    broker.thaw();
    for (const { client, drain, tookMs } of stops) {
      expect(tookMs).toBeLessThan(exitLimitMs);
      await drain.finish(`kafka by ${client}, SIGTERM with the broker frozen, ended in ${tookMs} ms`);
    }
  });
});
