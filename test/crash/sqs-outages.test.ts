import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { startFaultProxy } from '../support/fault-proxy/fault-proxy.ts';
import { ownSqsSuite } from '../support/sqs/acquire.ts';
import { refusal, standBefore } from '../support/sqs/interfering.ts';
import { sendAway } from './broker-away.ts';
import { freezeBroker } from './broker-faults.ts';
import { openDrain } from './drain.ts';
import { callsFor } from './kill-bridges.ts';
import { full, killMoments, seed } from './scale.ts';
import { sqsGround } from './sqs-ground.ts';

const outageMs = full ? 60_000 : 10_000;
const freezes = full ? 4 : 2;
const freezeMs = full ? 4_000 : 3_000;
const eventsPerFeed = full ? 1_000 : 300;
const calls = callsFor(eventsPerFeed);
const confirmTimeout = '2s';
/** A request that is given up is served all the same: each one of the time without answers, and one more after it. */
const timesWritten = Math.ceil(freezeMs / 2_000) + 1;

const suite = await ownSqsSuite();

// ElasticMQ has its queues in memory: killed, it loses them, as SQS never does. So it is frozen, cut off, or what stands
// before it refuses.
suite('a bridge to SQS', (sqs) => {
  describe.each(['standard', 'FIFO'] as const)('%s queues:', (kind) => {
    test(`a server frozen ${freezes} times costs and reorders nothing`, { timeout: 300_000 }, async () => {
      await using drain = await openDrain(
        await sqsGround(sqs.endpoint, kind, { settings: { confirmTimeout } }),
        eventsPerFeed,
      );
      await freezeBroker(drain, sqs, killMoments(freezes, calls), freezeMs, timesWritten);
      const what = `${freezes} freezes of ${freezeMs} ms, confirm within ${confirmTimeout}`;
      await drain.finish(`sqs, ${kind} queues, ${what} (seed ${seed})`);
    });

    test(`answers withheld ${freezes} times from what was taken cost and reorder nothing`, {
      timeout: 300_000,
    }, async () => {
      const proxy = await startFaultProxy(new URL(sqs.endpoint).host);
      await using _stopped = { [Symbol.asyncDispose]: () => proxy.stop() };
      const ground = await sqsGround(sqs.endpoint, kind, {
        settings: { confirmTimeout },
        through: `http://${proxy.address}`,
      });
      await using drain = await openDrain(ground, eventsPerFeed);
      {
        await using bridge = startBridge(drain.home.configFile);
        for (const moment of killMoments(freezes, calls)) {
          await bridge.whileRunning(drain.upstream.reached(moment));
          const outage = await drain.outage(
            async () => {
              proxy.halfBlackhole();
              await delay(freezeMs);
              await proxy.heal();
            },
            { times: timesWritten },
          );
          await bridge.whileRunning(drain.recovered(outage));
        }
        expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
      }
      const what = `answers withheld ${freezes} times for ${freezeMs} ms, confirm within ${confirmTimeout}`;
      await drain.finish(`sqs, ${kind} queues, ${what} (seed ${seed})`);
    });
  });

  test(`a server that refuses for ${outageMs / 1_000} s costs nothing, and meanwhile the bridge neither grows nor chatters`, {
    timeout: 300_000,
  }, async () => {
    let away = false;
    await using front = await standBefore(sqs.endpoint, () => (away ? refusal(503, 'ServiceUnavailable') : undefined));
    const ground = await sqsGround(sqs.endpoint, 'FIFO', { through: front.endpoint });
    await using drain = await openDrain(ground, eventsPerFeed);
    const [moment = 0] = killMoments(1, calls);
    const leaver = {
      // One for each call that the sink may have open.
      connections: 36,
      async leave() {
        away = true;
      },
      async comeBack() {
        away = false;
      },
    };
    const absence = await sendAway(drain, leaver, moment, outageMs);
    const what = `server refusing for ${outageMs / 1_000} s`;
    await drain.finish(`sqs, FIFO queues, ${what} (seed ${seed}), ${absence.told}`);
    absence.judge();
  });
});
