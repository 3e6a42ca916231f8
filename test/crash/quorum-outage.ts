import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import type { Bridge, LogLine } from '../support/bridge/start-bridge.ts';
import { watchVitals } from '../support/bridge/vitals.ts';
import type { ClusterLoad } from './cluster-load.ts';

/** What an outage may be called. */
const fitting: readonly ErrorCode[] = ['BROKER_TIMEOUT', 'BROKER_UNREACHABLE', 'BROKER_UNAVAILABLE'];
const growthLimitMiB = 20;
/** Connections come and go, and do not pile up. */
const moreFilesLimit = 15;
const failingMs = 60_000;

interface Outage {
  /** What publishing failed with. */
  readonly codes: readonly string[];
  readonly growthMiB: number;
}

/**
 * Watches a bridge for so long while nothing can be confirmed: sends fail by their own deadline, nothing is completed,
 * memory stays as it was, health says what is so.
 */
export async function outageOf({ bridge, drain }: ClusterLoad, ms: number): Promise<Outage> {
  const logged = bridge.log().length;
  const failures = () => bridge.log().slice(logged).filter(isFailedPublish).map(errorCode);
  const { completes } = drain.upstream;
  const health = await healthOf(bridge);

  const failingFeeds = async () => {
    const { feeds } = (await (await fetch(`${health}/healthz`)).json()) as Health;
    return Object.values(feeds).filter(({ status, lastError }) => status !== 'ok' && isFitting(lastError?.code)).length;
  };
  await bridge.whileRunning(expect.poll(() => failures().length, { timeout: failingMs }).toBeGreaterThan(0));
  const completed = completes.length;
  using vitals = watchVitals(bridge.pid);
  const lasting = delay(ms);
  await bridge.whileRunning(expect.poll(failingFeeds, { timeout: failingMs }).toBe(feedNames.length));
  const statuses = await Promise.all(
    ['livez', 'readyz', 'readyz/fenergo', 'healthz'].map(async (path) => (await fetch(`${health}/${path}`)).status),
  );
  expect(statuses).toEqual([200, 200, 503, 200]);
  await bridge.whileRunning(lasting);

  expect(completes.length).toBe(completed);
  const codes = [...new Set(failures())];
  expect(codes.filter((code) => !isFitting(code))).toEqual([]);
  expect(growth(vitals.samples.map(({ files }) => files))).toBeLessThanOrEqual(moreFilesLimit);
  const growthMiB = Math.round(growth(vitals.samples.map(({ rssMiB }) => rssMiB)));
  expect(growthMiB).toBeLessThanOrEqual(growthLimitMiB);
  return { codes, growthMiB };
}

/** From the mean of the first third to that of the last: what grows steadily has grown half as much again. */
function growth(samples: readonly number[]): number {
  const third = Math.ceil(samples.length / 3);
  const mean = (part: readonly number[]) => part.reduce((sum, each) => sum + each, 0) / third;
  return mean(samples.slice(-third)) - mean(samples.slice(0, third));
}

interface Health {
  readonly feeds: Readonly<Record<string, { readonly status: string; readonly lastError: { code: string } | null }>>;
}

function isFitting(code: string | undefined): boolean {
  return fitting.some((known) => known === code);
}

function isFailedPublish({ event, activity }: LogLine): boolean {
  return event === 'attempt.failed' && activity === 'publish';
}

function errorCode(line: LogLine): string {
  return (line as LogLine & { readonly error: { readonly code: string } }).error.code;
}

async function healthOf(bridge: Bridge): Promise<string> {
  const line = await bridge.logs((each) => each.event === 'listener.opened' && each.msg.startsWith('health'));
  return `http://${(line as LogLine & { readonly address: string }).address}`;
}
