import { expect, test } from 'vitest';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { openLogDrain } from './log-drain.ts';

test('a second daemon on the same state refuses to start, and the first goes on undisturbed', {
  timeout: 60_000,
}, async () => {
  await using drain = await openLogDrain(500);
  await using first = startBridge(drain.home.configFile);
  await first.whileRunning(drain.upstream.reached(20));
  await using second = startBridge(drain.home.configFile);
  expect(await second.exited).toEqual({ code: 1, signal: null });
  expect(second.stderr()).toContain('STATE_LOCKED');
  expect(second.stderr()).toContain(`process ${first.pid}`);
  expect(second.log()).toEqual([]);

  expect(await first.whileRunning(drain.simulator.drained(60_000))).toBe(true);
  expect(await first.sigterm()).toEqual({ code: 0, signal: null });
  expect(first.log().filter(({ level }) => level !== 'info')).toEqual([]);
  const { doubled } = await drain.finish('log, with a second daemon at the door');
  expect(doubled).toEqual([]);
});
