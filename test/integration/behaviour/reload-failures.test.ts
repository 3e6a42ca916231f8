import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { handedOut } from '../../support/daemon.ts';
import { openReloadLaboratory, type ReloadLaboratory } from '../../support/reload-laboratory.ts';
import { startReloadable } from '../../support/reloadable-bridge.ts';

let laboratory: ReloadLaboratory;
let workplace: ReloadLaboratory['workplace'];
let simulator: ReloadLaboratory['simulator'];
let pipeline: ReloadLaboratory['pipeline'];
let both: ReloadLaboratory['both'];
let expectAllOnce: ReloadLaboratory['expectAllOnce'];
beforeEach(async () => {
  laboratory = await openReloadLaboratory();
  ({ workplace, simulator, pipeline, both, expectAllOnce } = laboratory);
});
afterEach(() => laboratory[Symbol.asyncDispose]());

describe('a pipeline that cannot be opened with its new settings', () => {
  const brokers = { bad: { type: 'log', dir: './bad' }, local: { type: 'log', dir: './events' } };
  const atBad = () => ({ ...pipeline(['journey']), to: { broker: 'bad' } });

  test('runs with its old ones, is named, and the others are applied', async () => {
    await using bridge = await startReloadable(workplace, both(), { isClosed: (name) => name === 'bad' });
    await bridge.recorder.seen('feed.idle', 2);
    const next = { fenergo: atBad(), neighbour: pipeline(['document'], '30ms'), third: pipeline(['screening']) };
    const report = await bridge.reload(next, { brokers });
    expect(report).toMatchObject({ outcome: 'failed', findings: [{ code: 'BROKER_NOT_AUTHORISED' }] });
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]?.message).toBe(
      'fenergo could not be opened: bad is closed. It runs with its old settings.',
    );
    for (const name of ['journey', 'document', 'screening'] as const) simulator.fill({ feed: name, events: 10 });
    expect(await simulator.drained(10_000)).toBe(true);
    await bridge.daemon.drain('test');
    expectAllOnce('journey', await bridge.published('fenergo.journey'), 10);
    expectAllOnce('screening', await bridge.published('third.screening'), 10);
  });

  test('does not take back a feed that another pipeline has by now; it is halted, and tried again', async () => {
    let closed = true;
    await using bridge = await startReloadable(
      workplace,
      { fenergo: pipeline(['journey', 'screening']), neighbour: pipeline(['document']) },
      { timing: { probeMs: 100 }, isClosed: (name) => name === 'bad' && closed },
    );
    await bridge.recorder.seen('feed.idle', 3);
    const next = { fenergo: atBad(), neighbour: pipeline(['document', 'screening']) };
    const report = await bridge.reload(next, { brokers });
    expect(report.findings[0]).toMatchObject({
      message: 'fenergo could not be opened: bad is closed. It does not run.',
    });
    expect((await bridge.health('/readyz/fenergo')).status).toBe(503);
    for (const name of ['journey', 'screening'] as const) simulator.fill({ feed: name, events: 10 });
    closed = false;
    expect(await simulator.drained(10_000)).toBe(true);
    expect((await bridge.health('/readyz/fenergo')).status).toBe(200);
    await bridge.daemon.drain('test');
    expectAllOnce('screening', await bridge.published('neighbour.screening'), 10);
    expect(await bridge.publishedIn('bad', 'fenergo.journey')).toEqual(handedOut(simulator.ledger('journey')));
  });
});
