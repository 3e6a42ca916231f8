import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { openLogDrain } from './log-drain.ts';
import { killMoments, seed } from './scale.ts';

const kills = 20;
const eventsPerFeed = 2_000;
/** One `next` and one `complete` for each batch of ten, at least. */
const calls = (feedNames.length * eventsPerFeed * 2) / 10;
/** A call comes every few milliseconds: so long after one, everything can be going on. */
const scatterMs = 5;

test(`${kills} kills at random moments lose, reorder and complete nothing wrongly, and double one batch a feed at most`, {
  timeout: 300_000,
}, async () => {
  const roll = dice(seed + 1);
  await using drain = await openLogDrain(eventsPerFeed);
  let foundInLedger = 0;
  for (const moment of killMoments(kills, calls)) {
    await using bridge = startBridge(drain.home.configFile);
    await bridge.whileRunning(drain.upstream.reached(moment));
    await delay(roll() * scatterMs);
    await bridge.kill9();
    foundInLedger += (await drain.takeStock()).filter(({ inLedger }) => inLedger).length;
  }
  const { doubled } = await drain.finish(`log, ${kills} kills (seed ${seed}), ${foundInLedger} batches in the ledger`);
  for (const feed of feedNames) {
    const extra = doubled.reduce((sum, batch) => sum + (batch.feed === feed ? batch.extra : 0), 0);
    expect(extra).toBeLessThanOrEqual(kills);
  }
});
