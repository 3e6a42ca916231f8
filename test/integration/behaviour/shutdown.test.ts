import { describe, expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import type { Fault } from '../../../connectors/fenergo/simulator/faults.ts';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { type Bridge, handedOut, startBridge } from '../../support/daemon.ts';
import { refusingSinkType } from '../../support/refusing-sink.ts';
import { createWorkplace } from '../../support/workplace.ts';

const events = 400;

function loaded(): Promise<Simulator> {
  return startFenergoSimulator({ fill: feedNames.map((feed) => ({ feed, events, batchSize: 'random' })) });
}

async function expectAllOnce(simulator: Simulator, bridge: Bridge): Promise<void> {
  for (const feed of feedNames) {
    const published = (await bridge.published(feed)).map(({ id }) => id);
    expect(published).toHaveLength(events);
    expect(published).toEqual(handedOut(simulator.ledger(feed)));
  }
}

describe('a drain', () => {
  test('under load finishes what is in flight and takes nothing more; after the restart nothing is doubled or lost', async () => {
    await using workplace = await createWorkplace();
    await using simulator = await loaded();
    let restarts = 0;
    for (let done = false; !done; restarts += 1) {
      await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace });
      done = await Promise.race([
        bridge.recorder.seen('batch.confirmed', 40 * (restarts + 1)).then(() => false),
        simulator.drained(10_000),
      ]);
      const started = performance.now();
      expect(await bridge.drain()).toEqual({ drained: true });
      expect(performance.now() - started).toBeLessThan(1_500);
      // Everything that was fetched is confirmed, and everything that is confirmed is completed.
      const counts = (['batch.fetched', 'batch.confirmed', 'batch.completed'] as const).map(
        (name) => bridge.recorder.of(name).length,
      );
      expect(new Set(counts).size).toBe(1);
      const late = bridge.recorder.events.map(({ event }) => event);
      expect(late.slice(late.indexOf('daemon.draining'))).not.toContain('feed.started');
      if (done) await expectAllOnce(simulator, bridge);
    }
    expect(restarts).toBeGreaterThan(2);
    for (const batch of simulator.ledger()) expect(batch.completeCalls).toBe(1);
  });

  test('gives back what the broker does not confirm within the deadline, and it comes again after the restart', async () => {
    await using workplace = await createWorkplace();
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 25 }] });
    {
      const sinkType = refusingSinkType();
      const timing = { drainMs: 300 };
      await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace, sinkType, timing });
      await bridge.recorder.seen('attempt.failed', 2);
      const started = performance.now();
      expect(await bridge.drain()).toEqual({ drained: false });
      expect(performance.now() - started).toBeGreaterThanOrEqual(295);
      expect(performance.now() - started).toBeLessThan(1_500);
      expect(bridge.recorder.of('batch.returned')).toMatchObject([{ error: { code: 'STOPPING' } }]);
      expect(bridge.recorder.of('batch.completed')).toEqual([]);
    }
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace });
    expect(await simulator.drained(10_000)).toBe(true);
    await bridge.drain();
    expect((await bridge.published('journey')).map(({ id }) => id)).toEqual(handedOut(simulator.ledger('journey')));
  });

  test('while a complete is in doubt ends by its deadline, and the batch is only completed after the restart', async () => {
    await using workplace = await createWorkplace();
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 10 }] });
    simulator.addFault({ kind: 'hang', call: 'complete', times: 'always' });
    {
      await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace, timing: { drainMs: 200 } });
      await bridge.recorder.seen('batch.confirmed');
      const started = performance.now();
      expect(await bridge.drain()).toEqual({ drained: false });
      expect(performance.now() - started).toBeLessThan(1_500);
    }
    simulator.clearFaults();
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace });
    expect(await simulator.drained(10_000)).toBe(true);
    await bridge.drain();
    expect(bridge.recorder.of('batch.recognised')).toHaveLength(1);
    expect(await bridge.published('journey')).toHaveLength(10);
  });

  const waits: readonly (readonly [string, Fault | undefined, (bridge: Bridge) => Promise<unknown>])[] = [
    ['the next poll', undefined, ({ recorder }) => recorder.seen('feed.idle', 6)],
    [
      'a back-off',
      { kind: 'status', status: 503, times: 'always' },
      ({ recorder }) => recorder.seen('attempt.failed', 6),
    ],
    [
      'a Retry-After of an hour',
      { kind: 'status', status: 429, retryAfterS: 3_600, times: 'always' },
      ({ recorder }) => recorder.seen('attempt.failed', 6),
    ],
    [
      'the probe of halted feeds',
      { kind: 'status', status: 404, times: 'always' },
      ({ recorder }) => recorder.seen('feed.halted', 6),
    ],
    [
      'a hanging answer',
      { kind: 'hang', times: 'always' },
      async ({ daemon, recorder }) => {
        await recorder.seen('feed.started', daemon.control.feeds.length);
      },
    ],
  ];

  test.each(waits)('cuts %s short at once', async (_name, fault, reached) => {
    await using simulator = await startFenergoSimulator();
    if (fault) simulator.addFault(fault);
    const from = ['feeds: all', 'schedule: { every: 1h }'];
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: { drainMs: 20_000 } });
    await reached(bridge);
    if (fault?.kind === 'hang') await expect.poll(() => simulator.requests()).toHaveLength(6);
    const started = performance.now();
    expect(await bridge.drain()).toEqual({ drained: true });
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('ends an act of an operator that waits for upstream, and starts no feed again', async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 10 }] });
    simulator.addFault({ kind: 'hang', call: 'discardAll', times: 'always' });
    const from = ['feeds: all', 'schedule: { every: 1h }'];
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: { drainMs: 20_000 } });
    await bridge.recorder.seen('feed.idle', 5);
    const discarding = bridge.operations.discard('fenergo/journey', { reason: 'old' }).then(
      () => 'done',
      () => 'ended',
    );
    await expect.poll(() => simulator.requests().at(-1)?.call).toBe('discardAll');
    const started = performance.now();
    await bridge.drain();
    // Not at the deadline of 20 s, however slow the machine is.
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(await discarding).toBe('ended');
    const names = bridge.recorder.events.map(({ event }) => event);
    const after = names.slice(names.indexOf('daemon.draining'));
    expect(after).not.toContain('feed.started');
    expect(after).not.toContain('feed.resumed');
    expect(after.at(-1)).toBe('daemon.stopped');
  });
});

test('a second daemon on the same state refuses to start, and does the first one no harm', async () => {
  await using workplace = await createWorkplace();
  await using simulator = await loaded();
  await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace });
  await expect(startBridge({ baseUrl: simulator.baseUrl, workplace })).rejects.toMatchObject({ code: 'STATE_LOCKED' });
  expect(await simulator.drained(10_000)).toBe(true);
  await bridge.drain();
  await expectAllOnce(simulator, bridge);
  await using next = await startBridge({ baseUrl: simulator.baseUrl, workplace });
  expect((await next.health('/readyz')).status).toBe(200);
});
