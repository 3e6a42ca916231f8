import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openReloadLaboratory, type ReloadLaboratory } from '../../support/reload-laboratory.ts';
import { startReloadable } from '../../support/reloadable-bridge.ts';

const feed = 'fenergo/journey';

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

describe('state that would be orphaned', () => {
  const renamed = () => ({ crm: pipeline(['journey']), neighbour: pipeline(['document']) });

  test('by a rename keeps it from being applied while a batch is published and not completed, until it is', async () => {
    simulator.fill({ feed: 'journey', events: 10 });
    simulator.addFault({ kind: 'hang', call: 'complete', times: 'always' });
    await using bridge = await startReloadable(workplace, both(), { timing: { drainMs: 300 } });
    await bridge.recorder.seen('batch.confirmed');
    const report = await bridge.reload(renamed());
    expect(report).toMatchObject({ outcome: 'refused', findings: [{ code: 'CONFIG_ORPHANS_STATE', subject: feed }] });
    expect(report.findings[0]?.message).toContain('a batch published and not completed upstream');
    simulator.clearFaults();
    // The feed goes on as it was, and has only to complete.
    expect(await simulator.drained(20_000)).toBe(true);
    await bridge.recorder.seen('feed.idle', bridge.recorder.of('feed.idle').length + 4);
    expect(await bridge.reload(renamed())).toMatchObject({ outcome: 'applied', added: ['crm'], removed: ['fenergo'] });
    simulator.fill({ feed: 'journey', events: 10 });
    expect(await simulator.drained(20_000)).toBe(true);
    await bridge.daemon.drain('test');
    expectAllOnce('journey', await bridge.published('fenergo.journey', 'crm.journey'), 20);
  });

  test('by a rename counts when it is a position, a parked key or a spooled record; dead letters do not', async () => {
    await using bridge = await startReloadable(workplace, both());
    await bridge.recorder.seen('feed.idle', 2);
    const { state } = bridge.daemon;
    await state.cursors.set(feed, '17');
    const moved = await bridge.reload(renamed());
    expect(moved).toMatchObject({ outcome: 'refused', findings: [{ code: 'CONFIG_ORPHANS_STATE' }] });
    expect(moved.findings[0]?.subject).toMatch(/feedferry\.yaml:1:\d+$/);
    expect(moved.findings[0]).toMatchObject({ hint: expect.stringContaining('feedferry cursor set crm/journey') });
    // Gone altogether it is no rename: the position waits for the name to come back.
    const without = { neighbour: pipeline(['document']) };
    expect((await bridge.reload(without)).outcome).toBe('applied');
    expect((await bridge.reload(both())).outcome).toBe('applied');

    const record = { bytes: Buffer.from('{}'), mediaType: 'application/json', headers: {}, receivedAt: new Date() };
    await state.spool.append(feed, [{ record, batchId: '1', index: 0 }]);
    const spooled = await bridge.reload(without);
    expect(spooled).toMatchObject({ outcome: 'refused', findings: [{ subject: feed, code: 'CONFIG_ORPHANS_STATE' }] });
    expect(spooled.findings[0]?.message).toContain('1 spooled record.');
    await state.spool.release(feed, 1);

    const letter = {
      feed,
      source: '/fenergo',
      code: 'RECORD_INVALID',
      reason: 'a test',
      attempts: 1,
      batchId: '1',
      index: 0,
      record,
      envelope: null,
      firstAt: new Date(),
      lastAt: new Date(),
      partitionKey: 'entity-1',
    } as const;
    await state.deadLetters.add([{ ...letter, id: 'open', status: 'open', stage: 'normalise' }]);
    await state.deadLetters.add([{ ...letter, id: 'parked', status: 'parked', stage: 'publish', destination: 'any' }]);
    const parked = await bridge.reload(without);
    expect(parked.findings[0]?.message).toContain('1 record parked at 1 key.');
    await state.deadLetters.close(['parked'], { status: 'discarded', reason: 'a test', at: new Date() });
    expect((await bridge.reload(without)).outcome).toBe('applied');
    expect(await bridge.operations.deadLetters({ feed, limit: 10 })).toMatchObject([{ id: 'open' }]);
  });
});
