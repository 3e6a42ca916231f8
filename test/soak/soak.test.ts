import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openDrain } from '../crash/drain.ts';
import { logGround } from '../crash/log-ground.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { imageStart } from '../support/image-start.ts';
import { trendOf } from './trend.ts';

/** A quarter of a minute shows that the soak itself works; `npm run soak` takes 20. */
const minutes = Number(process.env['FEEDFERRY_SOAK_MINUTES'] ?? 0.25);
/** In less than this, a heap does not show where it is going. */
const tellingMinutes = 5;
/** In each of six feeds. */
const eventsPerSecond = Math.ceil(Number(process.env['FEEDFERRY_SOAK_RATE'] ?? 120) / 6);
const faultShare = 0.01;
const settleMs = 60_000;

/** What may be held more in the last third than in the second. */
const most = { rssMiB: 16, handles: 2, timers: 4, listeners: 1 } as const;

/** A line of what resources.ts writes, of a thread. */
interface Sample {
  readonly at: number;
  readonly thread: 'main' | number;
  readonly heapUsed: number;
}

/** The main one tells of the whole process. */
interface ProcessSample extends Sample {
  readonly rss: number;
  readonly anon: number;
  readonly timers: number;
  readonly handles: number;
  readonly listeners: number;
}

function isOfProcess(sample: Sample): sample is ProcessSample {
  return sample.thread === 'main';
}

function trendIn<Of extends Sample>(samples: readonly Of[], of: (sample: Of) => number) {
  return trendOf(samples.map((sample) => ({ at: sample.at, value: of(sample) })));
}

/** What each thread holds on its heap, garbage included, in words. */
function heaps(samples: readonly Sample[]): string {
  const perThread = Map.groupBy(samples, ({ thread }) => thread);
  const told = Array.from(perThread, ([thread, own]) => {
    const { early, late } = trendIn(own, ({ heapUsed }) => heapUsed / 2 ** 20);
    return `${thread} ${early.toFixed(1)} and ${late.toFixed(1)}`;
  });
  return `heap of thread ${told.join(', ')} MiB`;
}

test(`${minutes} minutes of constant flow, with 1 % of faults, leave the bridge as it was`, {
  timeout: minutes * 60_000 + 4 * settleMs,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-soak-'));
  const samplesFile = join(dir, 'samples.ndjson');
  await using drain = await openDrain(await logGround(), eventsPerSecond);
  const { simulator, upstream, home } = drain;
  for (const call of ['next', 'complete'] as const) {
    simulator.addFault({ kind: 'status', status: 503, call, times: 'always', probability: faultShare / 2 });
    simulator.addFault({ kind: 'reset', worked: true, call, times: 'always', probability: faultShare / 2 });
  }
  {
    const { nodeOptions, env } = imageStart();
    await using bridge = startBridge(home.configFile, {
      nodeOptions: [...nodeOptions, '--import', join(import.meta.dirname, 'resources.ts')],
      env: { ...env, FEEDFERRY_SOAK_LOG: samplesFile },
    });
    await bridge.logs(({ event }) => event === 'daemon.started');
    for (const end = Date.now() + minutes * 60_000; Date.now() < end; ) {
      await bridge.whileRunning(delay(1_000));
      upstream.refill(eventsPerSecond);
    }
    simulator.clearFaults();
    expect(await bridge.whileRunning(simulator.drained(settleMs))).toBe(true);
    expect(bridge.stderr()).toBe('');
    expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
  }
  const lines = (await readFile(samplesFile, 'utf8')).trim().split('\n');
  await rm(dir, { recursive: true });
  const all = lines.map((line) => JSON.parse(line) as Sample);
  const samples = all.filter(isOfProcess);
  const trend = (of: (sample: ProcessSample) => number) => trendIn(samples, of);
  const rss = trend((sample) => sample.rss / 2 ** 20);
  const anon = trend((sample) => sample.anon / 2 ** 20);
  const held = { handles: trend(({ handles }) => handles), timers: trend(({ timers }) => timers) };
  const listeners = trend((sample) => sample.listeners);
  const inNoFile = `${anon.early.toFixed(1)} and ${anon.late.toFixed(1)} of it in no file`;
  const slope = `RSS ${rss.early.toFixed(1)} MiB, later ${rss.late.toFixed(1)} MiB (${rss.perHour.toFixed(1)} MiB an hour; ${inNoFile})`;
  const others = `handles ${held.handles.early.toFixed(1)} and ${held.handles.late.toFixed(1)}, timers ${held.timers.early.toFixed(1)} and ${held.timers.late.toFixed(1)}, listeners ${listeners.early} and ${listeners.late}`;
  const [verdict] = await drain.finish(`soak, ${minutes} minutes: ${slope}; ${heaps(all)}; ${others}`);
  expect(verdict?.doubled).toEqual([]);
  expect(listeners.late - listeners.early).toBeLessThanOrEqual(most.listeners);
  expect(held.handles.late - held.handles.early).toBeLessThanOrEqual(most.handles);
  expect(held.timers.late - held.timers.early).toBeLessThanOrEqual(most.timers);
  if (minutes >= tellingMinutes) expect(rss.late - rss.early).toBeLessThanOrEqual(most.rssMiB);
});
