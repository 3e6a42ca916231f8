import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { startBridge } from '../../support/bridge/start-bridge.ts';
import { findSlow } from '../../support/judge/recovery.ts';
import { type Drain, recoveryLimitMs } from '../drain.ts';
import { callsFor } from '../kill-bridges.ts';
import { killMoments } from '../scale.ts';
import type { Done } from './done.ts';
import type { Site } from './site.ts';
import type { Sizes } from './sizes.ts';
import { mountSmallDisk } from './small-disk.ts';

const fullMs = 4_000;
/** For each feed while the disk is full, and when there is room. */
const refillEvents = 400;

/** The disk of all state files fills up, and has room again. */
export async function diskFull(
  drain: Drain,
  { eventsPerFeed }: Sizes,
  _site: Site,
  resources: AsyncDisposableStack,
): Promise<Done> {
  const disk = await mountSmallDisk(drain.home.stateDir, resources);
  await using bridge = startBridge(drain.home.configFile);
  const [moment = 0] = killMoments(1, callsFor(eventsPerFeed));
  await bridge.whileRunning(drain.upstream.reached(moment));
  const failures = () => bridge.log().filter(({ event }) => event === 'attempt.failed').length;
  await disk.fill();
  const before = { failures: failures(), inFlight: drain.inFlight() };
  drain.upstream.refill(refillEvents);
  await bridge.whileRunning(delay(fullMs));
  drain.mayDouble([...new Set([...before.inFlight, ...drain.inFlight()])], 1);
  const refused = failures() - before.failures;
  drain.upstream.refill(refillEvents);
  await disk.makeRoom();
  const now = Date.now();
  const recoveries = await bridge.whileRunning(drain.recovered({ began: now, ended: now }));
  expect(findSlow(recoveries, recoveryLimitMs)).toEqual([]);
  expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
  return { what: `disk of the state full for ${fullMs / 1_000} s, ${refused} attempts failed`, recoveries };
}
