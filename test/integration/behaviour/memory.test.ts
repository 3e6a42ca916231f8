import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import type { TelemetryEvent } from '../../../src/telemetry/events.ts';
import { daemonTiming } from '../../../src/timing.ts';
import { startBridge } from '../../support/daemon.ts';
import { refusingSinkType } from '../../support/refusing-sink.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are still in use. */
function heapUsed(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const quick = { baseMs: 1, capMs: 1, jitter: 'upwards' } as const;
const timing = {
  drainMs: 50,
  probeMs: 1,
  publish: quick,
  poll: { ...daemonTiming.poll, retry: quick, malformed: quick, malformedTries: 1_000_000 },
};
const mostGrowth = 2 * 1024 ** 2;

/** Counts events of some names, and waits for so many, without keeping any. */
function createCounter(counted: (event: TelemetryEvent) => boolean) {
  let count = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let reached = () => {};
  return {
    report(event: TelemetryEvent) {
      if (counted(event) && ++count === wanted) reached();
    },
    /** So many more from now on. */
    async pass(more: number) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wanted = count + more;
      reached = resolve;
      await promise;
    },
  };
}

/** What grows with each pass grows in all of them; what is made once, when it is first needed, does not. */
async function expectSteady(pass: (more: number) => Promise<void>): Promise<void> {
  await pass(500);
  const growths: number[] = [];
  while (growths.length < 3 && growths.every((growth) => growth >= mostGrowth)) {
    const before = heapUsed();
    await pass(2_500);
    growths.push(heapUsed() - before);
  }
  expect(Math.min(...growths)).toBeLessThan(mostGrowth);
}

describe('memory does not grow', () => {
  test('while the broker refuses everything and much waits upstream', async () => {
    await using simulator = await startFenergoSimulator({
      fill: feedNames.map((feed) => ({ feed, events: 100_000, eventBytes: 2_000 })),
    });
    const { report, pass } = createCounter(({ event }) => event === 'attempt.failed');
    const options = { baseUrl: simulator.baseUrl, sinkType: refusingSinkType(), timing, record: false, report };
    await using _bridge = await startBridge(options);
    await expectSteady(pass);
    // One batch of each feed was taken, once.
    expect(simulator.stats().requests).toBe(6);
    for (const feed of feedNames) expect(simulator.stats().feeds[feed].completedEvents).toBe(0);
  });

  test.each([
    ['fails', { kind: 'status', status: 503 }],
    ['sends web pages', { kind: 'html' }],
    ['does not know the feeds, and is probed all the time', { kind: 'status', status: 404 }],
  ] as const)('while upstream %s', async (_name, fault) => {
    await using simulator = await startFenergoSimulator({ requestLogSize: 100 });
    simulator.addFault({ ...fault, times: 'always' });
    const { report, pass } = createCounter(({ event }) => event === 'attempt.failed' || event === 'feed.halted');
    await using _bridge = await startBridge({ baseUrl: simulator.baseUrl, timing, record: false, report });
    await expectSteady(pass);
  });

  test('while batch after batch is published', async () => {
    await using simulator = await startFenergoSimulator({
      requestLogSize: 100,
      fill: feedNames.map((feed) => ({ feed, events: 2_000, batchSize: 1 })),
    });
    const { report, pass } = createCounter(({ event }) => event === 'batch.completed');
    await using _bridge = await startBridge({ baseUrl: simulator.baseUrl, timing, record: false, report });
    await pass(1_000);
    const before = heapUsed();
    await pass(2_000);
    // The simulator's own ledger grows with each batch: some 500 bytes of it are not the bridge's.
    expect(heapUsed() - before).toBeLessThan(mostGrowth + 2_000 * 500);
  });
});
