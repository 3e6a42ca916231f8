import { test } from 'vitest';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { sendAway } from './broker-away.ts';
import { freezeBroker, killBroker } from './broker-faults.ts';
import { openDrain } from './drain.ts';
import { callsFor } from './kill-bridges.ts';
import { rabbitmqGround } from './rabbitmq-ground.ts';
import { full, killMoments, seed } from './scale.ts';

const restarts = full ? 3 : 1;
const outageMs = full ? 60_000 : 10_000;
const freezes = full ? 4 : 2;
const freezeMs = full ? 4_000 : 3_000;
const eventsPerFeed = full ? 1_000 : 500;
const calls = callsFor(eventsPerFeed);
/** Shorter than a freeze, and longer. */
const deadlines = ['2s', '10s'];

const suite = await ownRabbitmqSuite();

suite('a bridge to RabbitMQ', (broker) => {
  test(`a broker killed and restarted ${restarts + 1} times, the last time with the bridge, costs and reorders nothing`, {
    timeout: 300_000,
  }, async () => {
    await using drain = await openDrain(await rabbitmqGround(broker), eventsPerFeed);
    await killBroker(drain, broker, killMoments(restarts + 1, calls));
    await drain.finish(`rabbitmq, broker killed and restarted ${restarts + 1} times (seed ${seed})`);
  });

  test(`a broker away for ${outageMs / 1_000} s costs nothing, and meanwhile the bridge neither grows nor chatters`, {
    timeout: 300_000,
  }, async () => {
    await using drain = await openDrain(await rabbitmqGround(broker), eventsPerFeed);
    const [moment = 0] = killMoments(1, calls);
    const leaver = { leave: broker.kill9, comeBack: broker.restart };
    const absence = await sendAway(drain, leaver, moment, outageMs);
    await drain.finish(`rabbitmq, broker away ${outageMs / 1_000} s (seed ${seed}), ${absence.told}`);
    absence.judge();
  });

  test.each(deadlines)(
    `a broker frozen ${freezes} times costs and reorders nothing, with %s for a confirm`,
    {
      timeout: 300_000,
    },
    async (confirmTimeout) => {
      await using drain = await openDrain(await rabbitmqGround(broker, { confirmTimeout }), eventsPerFeed);
      await freezeBroker(drain, broker, killMoments(freezes, calls), freezeMs);
      const what = `${freezes} freezes of ${freezeMs} ms, confirm within ${confirmTimeout}`;
      await drain.finish(`rabbitmq, ${what} (seed ${seed})`);
    },
  );
});
