import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import { openReloadLaboratory, type ReloadLaboratory } from '../../support/reload-laboratory.ts';
import { startReloadable } from '../../support/reloadable-bridge.ts';

const feed = 'fenergo/journey';
const other = 'neighbour/document';

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
    expectAllOnce('journey', await bridge.published('fenergo.journey'), events);
    expectAllOnce('document', await bridge.published('neighbour.document'), events);
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
    expectAllOnce('journey', await bridge.published('fenergo.journey', 'second'), events);
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
    expectAllOnce('screening', await bridge.published('tasks.screening'), 30);
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

  test('waits for an act of an operator at a feed that it touches', async () => {
    simulator.addFault({ kind: 'delay', ms: 500, call: 'discardAll', times: 1 });
    await using bridge = await startReloadable(workplace, { fenergo: pipeline(['journey'], '1h') });
    await bridge.recorder.seen('feed.idle');
    const ended: string[] = [];
    const discarding = bridge.operations.discard(feed, { reason: 'a test' }).then(() => ended.push('discard'));
    await bridge.recorder.seen('feed.paused');
    const reloading = bridge.reload({ fenergo: pipeline(['journey'], '2h') }).then(() => ended.push('reload'));
    await Promise.all([discarding, reloading]);
    expect(ended).toEqual(['discard', 'reload']);
    const names = bridge.recorder.events.map(({ event }) => event);
    expect(names.indexOf('operator.acted')).toBeLessThan(names.indexOf('config.reloaded'));
    expect(await bridge.operations.feedState(feed)).toBe('running');
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
    expectAllOnce('journey', await bridge.published('fenergo.journey'), events);
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

test('six feeds at once keep flowing through reloads of one header after the other', async () => {
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
  for (const name of feedNames) expectAllOnce(name, await bridge.published(`fenergo.${name}`), 500);
});
