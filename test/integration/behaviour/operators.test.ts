import { describe, expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import { batchBody } from '../../../connectors/fenergo/simulator/batch-body.ts';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { handedOut, hastily, startBridge } from '../../support/daemon.ts';
import { createWorkplace } from '../../support/workplace.ts';

const feed = 'fenergo/journey';
const reason = 'a test';
const from = ['feeds: [journey, document]', 'schedule: { every: 20ms }'];

describe('a pause', () => {
  test('while a feed drains stops it between two batches and the others not, again and again, and doubles nothing', async () => {
    await using simulator = await startFenergoSimulator({
      fill: feedNames.map((name) => ({ feed: name, events: 400 })),
    });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl });
    const { recorder, operations, daemon } = bridge;
    for (let round = 1; round <= 4; round += 1) {
      await recorder.seen('batch.completed', 25 * round);
      await operations.pause(feed, reason);
      const [fetched, completed] = (['batch.fetched', 'batch.completed'] as const).map(
        (name) => recorder.of(name).filter((event) => event.feed === feed).length,
      );
      expect(fetched).toBe(completed);
      expect(daemon.control.state(feed)).toBe('paused');
      const asked = simulator.requests('journey').length;
      // The others go on.
      await recorder.seen('batch.completed', recorder.of('batch.completed').length + 5);
      expect(simulator.requests('journey')).toHaveLength(asked);
      await operations.resume(feed, reason);
    }
    expect(await simulator.drained(15_000)).toBe(true);
    await bridge.drain();
    for (const name of feedNames) {
      const published = (await bridge.published(name)).map(({ id }) => id);
      expect(published).toHaveLength(400);
      expect(published).toEqual(handedOut(simulator.ledger(name)));
    }
    for (const batch of simulator.ledger()) expect(batch.completeCalls).toBe(1);
  });

  test('survives a restart, and so does its end', async () => {
    await using workplace = await createWorkplace();
    await using simulator = await startFenergoSimulator();
    {
      await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace, from });
      await bridge.operations.pause(feed, reason);
    }
    simulator.fill({ feed: 'journey', events: 10 });
    const asked = simulator.requests('journey').length;
    {
      await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace, from });
      await bridge.recorder.seen('feed.idle', 5);
      expect(await bridge.operations.feedState(feed)).toBe('paused');
      expect(simulator.requests('journey')).toHaveLength(asked);
      expect((await bridge.health('/readyz/fenergo')).body.reasons).toEqual([`${feed} is paused`]);
      await bridge.operations.resume(feed, reason);
      expect(await simulator.drained(10_000)).toBe(true);
    }
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace, from });
    expect(await bridge.operations.feedState(feed)).toBe('running');
    expect((await bridge.daemon.state.audit.list(10)).map(({ action }) => action)).toEqual(['resume', 'pause']);
  });

  test('of a feed in the middle of a retry ends it, and the resume begins anew', async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 10 }] });
    simulator.addFault({ kind: 'status', status: 429, retryAfterS: 600, feed: 'journey' });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from });
    await bridge.recorder.seen('attempt.failed');
    await bridge.operations.pause(feed, reason);
    await bridge.operations.resume(feed, reason);
    expect(await simulator.drained(10_000)).toBe(true);
  });
});

test('a batch set aside lets its feed go on, is kept byte for byte, and is in the audit log', async () => {
  await using workplace = await createWorkplace();
  await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 10 }] });
  simulator.addFault({ kind: 'garble', feed: 'journey', skip: 1 });
  simulator.fill({ feed: 'journey', events: 20 });
  await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace, from, timing: hastily });
  await bridge.recorder.seen('feed.halted');
  const open = await bridge.operations.peek(feed);
  const { batchId, deadLetterId } = await bridge.operations.setAside(feed, { reason });
  expect(await simulator.drained(10_000)).toBe(true);
  await bridge.drain();

  const [, garbled] = simulator.ledger('journey');
  expect(batchId).toBe(garbled?.batchId);
  const rest = simulator.ledger('journey').filter((batch) => batch !== garbled && batch.batchId !== batchId);
  expect((await bridge.published('journey')).map(({ id }) => id)).toEqual(handedOut(rest));

  await using again = await startBridge({ baseUrl: simulator.baseUrl, workplace, from });
  const letter = await again.operations.deadLetter(deadLetterId);
  expect(Buffer.compare(letter.record.bytes, open?.body ?? Buffer.of())).toBe(0);
  expect(letter.record.bytes.length).toBeGreaterThan(100);
  expect(await again.daemon.state.audit.list(10)).toMatchObject([{ action: 'set-aside', feed, reason }]);
});

test('a batch that reads well can be set aside too, while its feed runs', async () => {
  await using workplace = await createWorkplace();
  await using simulator = await startFenergoSimulator();
  simulator.addFault({ kind: 'status', status: 500, feed: 'journey', call: 'complete', times: 2 });
  const body = batchBody('well', ['{"id":"1","eventType":"journey:x"}']);
  simulator.enqueue('journey', body, 'well');
  await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace, from, timing: { drainMs: 50 } });
  await bridge.recorder.seen('attempt.failed');
  const { deadLetterId } = await bridge.operations.setAside(feed, { reason });
  const letter = await bridge.operations.deadLetter(deadLetterId);
  expect(Buffer.compare(letter.record.bytes, body)).toBe(0);
  expect(await simulator.drained(10_000)).toBe(true);
  expect(bridge.daemon.control.state(feed)).toBe('running');
});

test('a discard on a running feed drops what waits, is proved, and the feed carries what comes afterwards', async () => {
  await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 100_000 }] });
  await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from });
  await bridge.recorder.seen('batch.completed', 5);
  const outcome = await bridge.operations.discard(feed, { reason });
  expect(outcome).toEqual({ attempts: 1, proof: 'empty' });
  simulator.fill({ feed: 'journey', events: 20 });
  expect(await simulator.drained(10_000)).toBe(true);
  await bridge.drain();
  // What was handed out is published, and only what was never handed out is gone.
  const published = (await bridge.published('journey')).map(({ id }) => id);
  const ledger = simulator.ledger('journey').filter(({ completedBy }) => completedBy === 'client');
  expect(published).toEqual(handedOut(ledger));
  expect(published.length).toBeLessThan(50_000);
  const acts = bridge.recorder.of('operator.acted');
  expect(acts).toEqual([{ event: 'operator.acted', action: 'discard', feed, reason }]);
});

describe('a batch that somebody else completes', () => {
  test('before it is published, is published all the same, with an alarm, and the feed goes on', async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 30 }] });
    simulator.addFault({ kind: 'foreign-complete', feed: 'journey', skip: 1 });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: hastily });
    expect(await simulator.drained(10_000)).toBe(true);
    await bridge.drain();
    const foreign = simulator.ledger('journey').find(({ completedBy }) => completedBy === 'foreign');
    expect(bridge.recorder.of('feed.foreign-complete')).toMatchObject([
      { feed, batchId: foreign?.batchId, error: { code: 'FOREIGN_COMPLETE' } },
    ]);
    expect((await bridge.published('journey')).map(({ id }) => id)).toEqual(handedOut(simulator.ledger('journey')));
  });

  test('after every fetch, is an alarm each time, and nothing is published twice', async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 30 }] });
    simulator.addFault({ kind: 'foreign-complete', feed: 'journey', times: 'always' });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: hastily });
    await bridge.recorder.seen('feed.foreign-complete', 3);
    await bridge.drain();
    const published = (await bridge.published('journey')).map(({ id }) => id);
    expect(new Set(published).size).toBe(published.length);
    expect(published).toEqual(handedOut(simulator.ledger('journey')).slice(0, published.length));
  });
});
