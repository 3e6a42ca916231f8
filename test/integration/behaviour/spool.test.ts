import { describe, expect, test } from 'vitest';
import { batchBody } from '../../../connectors/fenergo/simulator/batch-body.ts';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { handedOut, hastily, startBridge } from '../../support/daemon.ts';
import { refusingSinkType } from '../../support/refusing-sink.ts';
import { createWorkplace } from '../../support/workplace.ts';

const feed = 'fenergo/journey';
const from = ['feeds: [journey]', 'schedule: { every: 20ms }'];
const patience = { timeout: 20_000, interval: 50 };

describe('a pipeline that is acknowledged from the spool', { timeout: 60_000 }, () => {
  test('is drained to empty while the broker is away, and delivers all of it in order when it is back', async () => {
    let isDown = true;
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 300 }] });
    const sinkType = refusingSinkType({ isDown: () => isDown });
    await using bridge = await startBridge({
      baseUrl: simulator.baseUrl,
      from,
      spool: '64MiB',
      sinkType,
      timing: hastily,
    });
    expect(await simulator.drained(20_000)).toBe(true);
    expect(await bridge.published('journey')).toEqual([]);
    const { feeds, maxBytes } = await bridge.operations.spool();
    expect(feeds).toMatchObject([{ feed, records: 300, accepted: 300, released: 0, gaps: 0 }]);
    expect(maxBytes).toBe(64 * 1024 ** 2);
    const { body } = await bridge.health('/healthz');
    expect(body.feeds[feed]).toMatchObject({ intake: 'running', drain: 'running', spool: { records: 300 } });

    isDown = false;
    await expect.poll(async () => (await bridge.operations.spool()).feeds[0]?.records, patience).toBe(0);
    const published = (await bridge.published('journey')).map(({ id }) => id);
    expect(published).toEqual(handedOut(simulator.ledger('journey')));
  });

  test('makes the same events, dead letters and places of them as one that is not', async () => {
    const bodies = [
      '{"id":"a","eventType":"journey:x"}',
      '{"eventType":"journey:x"}',
      '{"id":"b","eventType":"journey:x"}',
    ];
    const told = [];
    for (const spool of [undefined, '1MiB']) {
      await using simulator = await startFenergoSimulator();
      simulator.enqueue('journey', batchBody('mixed', bodies), 'mixed');
      await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, ...(spool && { spool }) });
      await bridge.recorder.seen(spool ? 'batch.released' : 'batch.completed', spool ? 1 : 1);
      const letters = await bridge.operations.deadLetters({ limit: 10 });
      const published = (await bridge.published('journey')).map(({ line }) => line);
      told.push([
        letters.map(({ batchId, index, code, stage }) => ({ batchId, index, code, stage })),
        published.length,
      ]);
    }
    expect(told[1]).toEqual(told[0]);
    expect(told[0]).toEqual([[{ batchId: 'mixed', index: 1, code: 'RECORD_WITHOUT_ID', stage: 'normalise' }], 2]);
  });

  test('takes no more when the spool is full, and goes on by itself when the broker takes what is there', async () => {
    let isDown = true;
    await using simulator = await startFenergoSimulator({
      fill: [{ feed: 'journey', events: 400, eventBytes: 8 * 1024 }],
    });
    const sinkType = refusingSinkType({ isDown: () => isDown });
    await using bridge = await startBridge({
      baseUrl: simulator.baseUrl,
      from,
      spool: '1MiB',
      sinkType,
      timing: hastily,
    });
    const full = await bridge.recorder.seen('attempt.failed', 1);
    expect(full.subject).toBe(feed);
    await expect
      .poll(() => bridge.recorder.of('attempt.failed').some(({ error }) => error.code === 'SPOOL_FULL'), patience)
      .toBe(true);
    const state = await bridge.operations.spool();
    expect(state.refusing).toBe('full');
    expect(state.bytes).toBeLessThanOrEqual(state.maxBytes);
    const completed = simulator.ledger('journey').filter((batch) => batch.completed !== null).length;
    expect(completed).toBeLessThan(40);

    isDown = false;
    expect(await simulator.drained(30_000)).toBe(true);
    await expect.poll(async () => (await bridge.operations.spool()).feeds[0]?.records, patience).toBe(0);
    const published = (await bridge.published('journey')).map(({ id }) => id);
    expect(published).toEqual(handedOut(simulator.ledger('journey')));
    expect((await bridge.operations.spool()).refusing).toBeUndefined();
  });

  test('goes on accepting while a fatal error of the broker halts what follows, and says so', async () => {
    let isDown = true;
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 100 }] });
    const sinkType = refusingSinkType({ isDown: () => isDown, code: 'BROKER_NOT_AUTHORISED' });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, spool: '64MiB', sinkType });
    expect(await simulator.drained(20_000)).toBe(true);
    expect(await bridge.recorder.seen('feed.halted')).toMatchObject({ feed, stage: 'drain' });
    await bridge.recorder.seen('feed.idle');
    expect(await bridge.operations.feedState(feed)).toBe('halted');
    const { body } = await bridge.health('/healthz');
    expect(body.feeds[feed]).toMatchObject({ state: 'halted', intake: 'running', drain: 'halted' });
    expect((await bridge.health('/readyz/fenergo')).body.reasons?.[0]).toContain(`${feed} is halted behind the spool`);

    isDown = false;
    await bridge.operations.resume(feed, 'a test');
    await expect.poll(async () => (await bridge.published('journey')).length, patience).toBe(100);
    await bridge.recorder.seen('spool.drained');
    expect(await bridge.operations.feedState(feed)).toBe('running');
  });

  test('stops both when it is paused, and delivers after a restart what was accepted before', async () => {
    let isDown = true;
    await using workplace = await createWorkplace();
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 50 }] });
    const sinkType = refusingSinkType({ isDown: () => isDown });
    const options = {
      baseUrl: simulator.baseUrl,
      workplace,
      from,
      spool: '64MiB',
      sinkType,
      timing: { ...hastily, drainMs: 200 },
    };
    {
      await using bridge = await startBridge(options);
      expect(await simulator.drained(20_000)).toBe(true);
      await bridge.operations.pause(feed, 'a test');
      expect(await bridge.operations.feedState(feed)).toBe('paused');
      isDown = false;
      simulator.fill({ feed: 'journey', events: 10 });
    }
    await using bridge = await startBridge(options);
    expect((await bridge.operations.spool()).feeds).toMatchObject([{ records: 50 }]);
    expect(await bridge.published('journey')).toEqual([]);
    await bridge.operations.resume(feed, 'a test');
    await expect.poll(async () => (await bridge.published('journey')).length, patience).toBe(60);
    const published = (await bridge.published('journey')).map(({ id }) => id);
    expect(published).toEqual(handedOut(simulator.ledger('journey')));
  });

  test('delivers what was spooled before it asks upstream again, when it is spooled no more', async () => {
    let isDown = true;
    await using workplace = await createWorkplace();
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 50 }] });
    const sinkType = refusingSinkType({ isDown: () => isDown });
    const options = { baseUrl: simulator.baseUrl, workplace, from, sinkType, timing: { ...hastily, drainMs: 200 } };
    {
      await using bridge = await startBridge({ ...options, spool: '64MiB' });
      await bridge.recorder.seen('batch.spooled');
      expect(await simulator.drained(20_000)).toBe(true);
    }
    simulator.fill({ feed: 'journey', events: 10 });
    await using bridge = await startBridge(options);
    await bridge.recorder.seen('attempt.failed');
    expect(simulator.ledger('journey')).toHaveLength(5);
    isDown = false;
    expect(await simulator.drained(20_000)).toBe(true);
    const published = (await bridge.published('journey')).map(({ id }) => id);
    expect(published).toEqual(handedOut(simulator.ledger('journey')));
    expect(published).toHaveLength(60);
  });
});
