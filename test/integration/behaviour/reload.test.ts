import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FenergoFeed, feedNames } from '../../../connectors/fenergo/feeds.ts';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { handedOut } from '../../support/daemon.ts';
import { startReloadable, type Written } from '../../support/reloadable-bridge.ts';
import { createWorkplace, type Workplace } from '../../support/workplace.ts';

const feed = 'fenergo/journey';
const other = 'neighbour/document';

let workplace: Workplace;
let simulator: Simulator;
beforeEach(async () => {
  workplace = await createWorkplace();
  simulator = await startFenergoSimulator();
});
afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  await workplace[Symbol.asyncDispose]();
});

function pipeline(feeds: readonly FenergoFeed[], every = '20ms', to: Written = {}): Written {
  const from = { connector: 'fenergo', baseUrl: simulator.baseUrl, feeds, schedule: { every } };
  return { from, to: { broker: 'local', ...to } };
}

/** Two pipelines, of which a test changes the first. */
const both = (every?: string) => ({
  fenergo: pipeline(['journey'], every),
  neighbour: pipeline(['document']),
});

async function expectAllOnce(name: FenergoFeed, ids: readonly string[], events: number): Promise<void> {
  expect(ids).toHaveLength(events);
  expect(ids).toEqual(handedOut(simulator.ledger(name)));
}

describe('a reload', () => {
  test('again and again under load loses, doubles and reorders nothing, and never touches the other pipeline', async () => {
    const events = 3_000;
    for (const name of ['journey', 'document'] as const) simulator.fill({ feed: name, events });
    await using bridge = await startReloadable(workplace, both());
    const { recorder } = bridge;
    for (let round = 1; round <= 12; round += 1) {
      await recorder.seen('batch.completed', 20 * round);
      const report = await bridge.reload(both(`${20 + round}ms`));
      expect(report).toMatchObject({ outcome: 'applied', changed: ['fenergo'], kept: ['neighbour'], findings: [] });
    }
    expect(await simulator.drained(60_000)).toBe(true);
    await bridge.daemon.drain('test');
    await expectAllOnce('journey', await bridge.published('fenergo.journey'), events);
    await expectAllOnce('document', await bridge.published('neighbour.document'), events);
    for (const batch of simulator.ledger()) expect(batch.completeCalls).toBe(1);
    const starts = recorder.of('feed.started').map((event) => event.feed);
    expect(starts.filter((name) => name === feed)).toHaveLength(13);
    expect(starts.filter((name) => name === other)).toHaveLength(1);
    expect(recorder.of('batch.returned')).toEqual([]);
  });

  test('moves a feed to another topic between two events, and no event is in both', async () => {
    const events = 1_000;
    simulator.fill({ feed: 'journey', events });
    await using bridge = await startReloadable(workplace, { fenergo: pipeline(['journey']) });
    await bridge.recorder.seen('batch.completed', 10);
    await bridge.reload({ fenergo: pipeline(['journey'], '20ms', { topic: 'second' }) });
    expect(await simulator.drained(30_000)).toBe(true);
    await bridge.daemon.drain('test');
    expect((await bridge.published('second')).length).toBeGreaterThan(0);
    await expectAllOnce('journey', await bridge.published('fenergo.journey', 'second'), events);
  });

  test('of a file that says the same does nothing but a line in the log', async () => {
    await using bridge = await startReloadable(workplace, both());
    await bridge.recorder.seen('feed.idle', 2);
    const before = bridge.recorder.of('feed.started').length;
    expect(await bridge.operations.reload()).toEqual({
      outcome: 'unchanged',
      findings: [],
      added: [],
      changed: [],
      removed: [],
      kept: ['fenergo', 'neighbour'],
    });
    expect(bridge.recorder.of('config.reloaded')).toHaveLength(1);
    expect(bridge.recorder.of('feed.started')).toHaveLength(before);
  });

  test('opens what is new, closes what is gone, and health follows', async () => {
    await using bridge = await startReloadable(workplace, both());
    simulator.fill({ feed: 'screening', events: 30 });
    await bridge.recorder.seen('feed.idle', 2);
    const report = await bridge.reload({ fenergo: pipeline(['journey']), tasks: pipeline(['screening']) });
    expect(report).toMatchObject({ outcome: 'applied', added: ['tasks'], removed: ['neighbour'], kept: ['fenergo'] });
    expect(await simulator.drained(10_000)).toBe(true);
    await expectAllOnce('screening', await bridge.published('tasks.screening'), 30);
    const { body } = await bridge.health('/healthz');
    expect(Object.keys(body['feeds'] as object)).toEqual([feed, 'tasks/screening']);
    expect((await bridge.health('/readyz/neighbour')).status).toBe(404);
    expect((await bridge.health('/readyz/tasks')).status).toBe(200);
    const asked = simulator.requests('document').length;
    await bridge.recorder.seen('feed.idle', bridge.recorder.of('feed.idle').length + 5);
    expect(simulator.requests('document')).toHaveLength(asked);
    // Operators act on what there is now.
    await expect(bridge.operations.feedState(other)).rejects.toMatchObject({ code: 'FEED_UNKNOWN' });
    expect(await bridge.operations.feedState('tasks/screening')).toBe('running');
  });

  test('leaves a paused feed paused', async () => {
    await using bridge = await startReloadable(workplace, both());
    await bridge.operations.pause(feed, 'a test');
    simulator.fill({ feed: 'journey', events: 10 });
    expect((await bridge.reload(both('30ms'))).outcome).toBe('applied');
    expect(await bridge.operations.feedState(feed)).toBe('paused');
    expect((await bridge.health('/readyz/fenergo')).body['reasons']).toEqual([`${feed} is paused`]);
    await bridge.operations.resume(feed, 'a test');
    expect(await simulator.drained(10_000)).toBe(true);
  });

  test('waits for another, and is refused while the bridge stops', async () => {
    await using bridge = await startReloadable(workplace, both());
    bridge.write(both('30ms'));
    const outcomes = await Promise.all([bridge.daemon.reload('first'), bridge.daemon.reload('second')]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['applied', 'unchanged']);
    const drained = bridge.daemon.drain('test');
    await expect(bridge.daemon.reload('late')).rejects.toMatchObject({ code: 'STOPPING' });
    expect(await drained).toEqual({ drained: true });
  });

  test('that a drain cuts short begins no feed any more, and loses nothing', async () => {
    const events = 500;
    simulator.fill({ feed: 'journey', events });
    {
      await using bridge = await startReloadable(workplace, both());
      await bridge.recorder.seen('batch.completed', 10);
      bridge.write(both('30ms'));
      const reloading = bridge.daemon.reload('test').then(
        () => 'applied',
        () => 'ended',
      );
      expect(await bridge.daemon.drain('test')).toEqual({ drained: true });
      expect(await reloading).toBe('ended');
      const names = bridge.recorder.events.map(({ event }) => event);
      expect(names.slice(names.indexOf('daemon.draining'))).not.toContain('feed.started');
    }
    await using bridge = await startReloadable(workplace, both());
    expect(await simulator.drained(20_000)).toBe(true);
    await bridge.daemon.drain('test');
    await expectAllOnce('journey', await bridge.published('fenergo.journey'), events);
  });
});

describe('a reload is refused, and changes nothing,', () => {
  async function refused(change: (bridge: Awaited<ReturnType<typeof startReloadable>>) => void) {
    await using bridge = await startReloadable(workplace, both());
    await bridge.recorder.seen('feed.idle', 2);
    change(bridge);
    const report = await bridge.operations.reload();
    expect(report).toMatchObject({ outcome: 'refused', added: [], changed: [], removed: [] });
    expect(bridge.recorder.of('config.refused')).toMatchObject([{ findings: report.findings }]);
    await bridge.recorder.seen('feed.idle', bridge.recorder.of('feed.idle').length + 4);
    expect(bridge.recorder.of('feed.started')).toHaveLength(2);
    return report.findings;
  }

  test('for a file that is wrong, with the place of each mistake', async () => {
    const findings = await refused((bridge) => bridge.writeText('version: 1\nbrokers: {}\npipelines: { a: { to: } }'));
    expect(findings.length).toBeGreaterThan(1);
    for (const { subject } of findings) expect(subject).toMatch(/feedferry\.yaml:\d+:\d+$/);
  });

  test.each([
    ['state', { state: { dir: '/elsewhere' } }],
    ['listen', { listen: { health: '127.0.0.1:0', admin: '127.0.0.1:1' } }],
  ])('when %s has changed, even where a pipeline has too', async (section, rest) => {
    const findings = await refused((bridge) => bridge.write(both('30ms'), rest));
    expect(findings).toMatchObject([{ code: 'CONFIG_NEEDS_RESTART', hint: expect.stringContaining('Restart') }]);
    expect(findings[0]?.message).toContain(section);
    expect(findings[0]?.subject).toMatch(/feedferry\.yaml:1:\d+$/);
  });
});

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
    await expectAllOnce('journey', await bridge.published('fenergo.journey', 'crm.journey'), 20);
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
    await expectAllOnce('journey', await bridge.published('fenergo.journey'), 10);
    await expectAllOnce('screening', await bridge.published('third.screening'), 10);
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
    await expectAllOnce('screening', await bridge.published('neighbour.screening'), 10);
    expect(await bridge.publishedIn('bad', 'fenergo.journey')).toEqual(handedOut(simulator.ledger('journey')));
  });
});

test('six feeds at once keep flowing through reloads of one secret after the other', async () => {
  for (const name of feedNames) simulator.fill({ feed: name, events: 500 });
  await using bridge = await startReloadable(workplace, { fenergo: pipeline(feedNames) });
  for (let round = 1; round <= 10; round += 1) {
    await bridge.recorder.seen('batch.completed', 25 * round);
    const written = pipeline(feedNames);
    const from = { ...(written['from'] as object), headers: { 'x-round': String(round) } };
    expect(await bridge.reload({ fenergo: { ...written, from } })).toMatchObject({ outcome: 'applied' });
  }
  expect(await simulator.drained(60_000)).toBe(true);
  await bridge.daemon.drain('test');
  for (const name of feedNames) await expectAllOnce(name, await bridge.published(`fenergo.${name}`), 500);
});
