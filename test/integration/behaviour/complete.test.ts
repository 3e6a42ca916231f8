import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../connectors/fenergo/simulator/faults.ts';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { handedOut, hastily, startBridge } from '../../support/daemon.ts';

const from = [
  'feeds: [journey]',
  'schedule: { every: 200ms }',
  'timeouts: { connect: 1s, headers: 150ms, body: 150ms }',
];
const events = 30;

const faults: readonly (readonly [string, Fault])[] = [
  ['answers 500 after having completed', { kind: 'status', status: 500, worked: true }],
  ['answers 500 without having completed', { kind: 'status', status: 500 }],
  ['hangs after having completed', { kind: 'hang', worked: true }],
  ['hangs without having completed', { kind: 'hang' }],
  ['answers 404 after having completed', { kind: 'status', status: 404, worked: true }],
  ['answers 404 without having completed', { kind: 'status', status: 404 }],
  ['breaks off after having completed', { kind: 'reset', worked: true }],
  ['breaks off without having completed', { kind: 'reset' }],
  ['answers 429 without having completed', { kind: 'status', status: 429, retryAfterS: 0 }],
  ['answers 400 without having completed', { kind: 'status', status: 400 }],
  ['answers 403 after having completed', { kind: 'status', status: 403, worked: true }],
  ['redirects without having completed', { kind: 'status', status: 302 }],
];

describe('when complete', () => {
  test.each(faults)('%s, the next next decides and nothing is published twice', async (_name, fault) => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events }] });
    simulator.addFault({ ...fault, call: 'complete', times: 2 });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: hastily });
    expect(await simulator.drained(10_000)).toBe(true);
    await bridge.drain();

    const published = (await bridge.published('journey')).map(({ id }) => id);
    expect(published).toEqual(handedOut(simulator.ledger('journey')));
    expect(published).toHaveLength(events);
    for (const batch of simulator.ledger('journey')) expect(batch.completedBy).toBe('client');
    expect(bridge.recorder.of('feed.halted')).toEqual([]);
    // Upstream was looked at once after each failure, and no more than that.
    expect(simulator.requests('journey').length).toBeLessThan(3 * 2 + 2 * 4 + 6);
  });

  test('keeps answering 404 for a batch that is handed out again, that feed stops with COMPLETE_REFUSED after five tries', async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events }] });
    simulator.addFault({ kind: 'status', status: 404, call: 'complete', times: 'always' });
    const both = ['feeds: [journey, document]', 'schedule: { every: 20ms }'];
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from: both, timing: hastily });
    const { error } = await bridge.recorder.seen('feed.halted');
    const [batch] = simulator.ledger('journey');
    expect(error).toMatchObject({ code: 'COMPLETE_REFUSED', disposition: 'fatal' });
    expect(error.message).toContain(`batch ${batch?.batchId} is published (fenergo.journey @ 0-9)`);
    expect(error.message).toContain('next returns it again (5 times)');
    expect(error.hint).toContain('feedferry resume fenergo/journey');
    expect(batch?.completeCalls).toBe(5);
    expect(await bridge.published('journey')).toHaveLength(10);

    // Nothing is asked while it is halted, and after a resume it goes on where it was.
    const before = simulator.requests('journey').length;
    simulator.clearFaults();
    await bridge.recorder.seen('feed.idle', bridge.recorder.of('feed.idle').length + 5);
    expect(simulator.requests('journey')).toHaveLength(before);
    await bridge.operations.resume('fenergo/journey', 'upstream has been repaired');
    expect(await simulator.drained(10_000)).toBe(true);
    await bridge.drain();
    expect(bridge.recorder.of('batch.recognised')).toHaveLength(1);
    expect((await bridge.published('journey')).map(({ id }) => id)).toEqual(handedOut(simulator.ledger('journey')));
  });

  test('and next both fail for a while, the batch is completed once and published once', async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events }] });
    simulator.addFault({ kind: 'status', status: 503, call: 'complete', times: 4 });
    simulator.addFault({ kind: 'hang', skip: 1, times: 3 });
    simulator.addFault({ kind: 'truncate', skip: 2, times: 2 });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: hastily });
    expect(await simulator.drained(15_000)).toBe(true);
    await bridge.drain();
    expect((await bridge.published('journey')).map(({ id }) => id)).toEqual(handedOut(simulator.ledger('journey')));
    expect(await bridge.published('journey')).toHaveLength(events);
  });

  test('worked but the batch that follows has the same id and other content, that one is published too', async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events }] });
    simulator.addFault({ kind: 'status', status: 500, worked: true, call: 'complete', times: 2 });
    simulator.addFault({ kind: 'reuse-batch-id', feed: 'journey', skip: 1, times: 'always' });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: hastily });
    expect(await simulator.drained(10_000)).toBe(true);
    await bridge.drain();
    expect(new Set(simulator.ledger('journey').map(({ batchId }) => batchId)).size).toBe(1);
    const published = (await bridge.published('journey')).map(({ id }) => id);
    expect(published).toHaveLength(events);
    expect(new Set(published).size).toBe(events);
  });
});
