import { expect, test } from 'vitest';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { openLogDrain } from './log-drain.ts';
import { killMoments, seed } from './scale.ts';

const stops = 3;
const eventsPerFeed = 500;
const calls = (6 * eventsPerFeed * 2) / 10;
/** What the bridge gives itself. */
const deadlineMs = 25_000;

test('SIGTERM under load finishes what is in flight within the deadline, exits 0, and nothing is doubled afterwards', {
  timeout: 120_000,
}, async () => {
  await using drain = await openLogDrain(eventsPerFeed);
  const took: number[] = [];
  for (const moment of killMoments(stops, calls)) {
    await using bridge = startBridge(drain.home.configFile);
    await bridge.whileRunning(drain.upstream.reached(moment));
    const asked = performance.now();
    expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
    took.push(Math.round(performance.now() - asked));
    expect(bridge.log().at(-1)).toMatchObject({ event: 'daemon.stopped', drained: true });
    // A batch that is still open was handed out too late to be taken.
    expect((await drain.takeStock()).filter(({ stored }) => stored > 0)).toEqual([]);
  }
  expect(Math.max(...took)).toBeLessThan(deadlineMs);
  const { doubled } = await drain.finish(
    `log, SIGTERM at ${stops} moments (seed ${seed}), ended in ${took.join(', ')} ms`,
  );
  expect(doubled).toEqual([]);
});
