import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { openLogDrain } from './log-drain.ts';
import { full, killMoments, seed } from './scale.ts';

const kills = full ? 30 : 3;
const eventsPerFeed = full ? 3_000 : 600;
const calls = (feedNames.length * eventsPerFeed * 2) / 10;
/** A reload takes some ten milliseconds under load. */
const reloadMs = 40;

test(`${kills} kills during a reload lose, reorder and complete nothing wrongly, and double one batch a feed at most`, {
  timeout: 300_000,
}, async () => {
  const roll = dice(seed + 3);
  await using drain = await openLogDrain(eventsPerFeed);
  const { configFile } = drain.home;
  let changes = 0;

  /** The same pipeline with another header: everything of it has to be opened anew. */
  async function change(): Promise<void> {
    changes += 1;
    const written = JSON.parse(await readFile(configFile, 'utf8')) as {
      pipelines: { fenergo: { from: { headers?: unknown } } };
    };
    written.pipelines.fenergo.from.headers = { 'x-change': String(changes) };
    await writeFile(configFile, JSON.stringify(written));
  }

  let applied = 0;
  for (const moment of killMoments(kills, calls)) {
    await using bridge = startBridge(configFile);
    const reloads = () => bridge.log().filter(({ event }) => event === 'config.reloaded').length;
    await bridge.logs(({ event }) => event === 'daemon.started');
    await bridge.whileRunning(drain.upstream.reached(moment));
    // One that comes to its end, and one that does not.
    await change();
    process.kill(bridge.pid, 'SIGHUP');
    await bridge.logs(({ event }) => event === 'config.reloaded');
    await change();
    process.kill(bridge.pid, 'SIGHUP');
    await delay(roll() * reloadMs);
    await bridge.kill9();
    applied += reloads();
    await drain.takeStock();
  }
  expect(applied).toBeGreaterThanOrEqual(kills);
  const { doubled } = await drain.finish(`log, ${kills} kills during a reload (seed ${seed}), ${applied} applied`);
  for (const feed of feedNames) {
    const extra = doubled.reduce((sum, batch) => sum + (batch.feed === feed ? batch.extra : 0), 0);
    expect(extra).toBeLessThanOrEqual(kills);
  }
});
