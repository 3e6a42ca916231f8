import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startBridge } from '../support/bridge/start-bridge.ts';
import type { FaultProxy } from '../support/fault-proxy/fault-proxy.ts';
import { proxiedKafkaSuite } from '../support/kafka/acquire.ts';
import { openDrain } from './drain.ts';
import { clients } from './kafka-clients.ts';
import { kafkaGround } from './kafka-ground.ts';
import { callsFor } from './kill-bridges.ts';
import { full, killMoments, seed } from './scale.ts';

const eventsPerFeed = full ? 5_000 : 500;
const calls = callsFor(eventsPerFeed);
const faultMs = full ? 4_000 : 2_500;

/** While requests go through and answers do not: by the usual call, and again by the spare one if it is connected. */
const timesWritten = 2;

const faults: readonly ((proxy: FaultProxy) => void)[] = [
  (proxy) => proxy.blackhole(),
  (proxy) => proxy.halfBlackhole(),
  (proxy) => {
    proxy.refuse();
    proxy.reset();
  },
];

const suite = await proxiedKafkaSuite(clients.length);

suite('bridges to Kafka', ({ proxies }) => {
  test('a network that swallows everything, then answers only, then refuses costs and reorders nothing, with either client', {
    timeout: 240_000,
  }, async () => {
    await Promise.all(
      clients.map(async (client, at) => {
        const proxy = proxies[at];
        if (!proxy) throw new Error(`${client} has no network`);
        const ground = await kafkaGround(proxy.address, { settings: { client, confirmTimeout: '1500ms' } });
        await using drain = await openDrain(ground, eventsPerFeed);
        await using bridge = startBridge(drain.home.configFile);
        for (const [fault, moment] of killMoments(faults.length, calls).entries()) {
          await bridge.whileRunning(drain.upstream.reached(moment));
          const outage = await drain.outage(
            async () => {
              faults[fault]?.(proxy);
              await delay(faultMs);
              await proxy.heal();
            },
            { times: timesWritten },
          );
          await bridge.whileRunning(drain.recovered(outage));
        }
        expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
        await drain.finish(`kafka by ${client}, a network that fails 3 times for ${faultMs} ms (seed ${seed})`);
      }),
    );
  });
});
