import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { type Bridge, handedOut, startBridge } from '../../support/daemon.ts';
import { refusingSinkType } from '../../support/refusing-sink.ts';
import { canMount, mountedDisk, mounts } from '../../unit/state/mounted-disk.ts';

const feed = 'fenergo/journey';
const from = ['feeds: [journey]', 'schedule: { every: 20ms }'];
const patience = { timeout: 20_000, interval: 50 };
/** Within which it goes on once there is room. */
const recoveryMs = 10_000;

/** Leaves no room on a disk, which others write to meanwhile. Gives the file that takes it. */
async function fill(dir: string): Promise<string> {
  const filler = join(dir, 'filler');
  for (let isFull = false; !isFull; ) {
    const { bavail, bsize } = await statfs(dir);
    isFull = bavail === 0;
    await writeFile(filler, Buffer.alloc(Math.max(1, bavail) * bsize), { flag: 'a' }).catch(() => {});
  }
  return filler;
}

async function refusalSeen(bridge: Bridge): Promise<void> {
  const refusals = () =>
    bridge.recorder
      .of('attempt.failed')
      .filter(({ activity, error }) => activity === 'spool' && error.code === 'STATE_UNWRITABLE');
  await expect.poll(() => refusals().length, patience).toBeGreaterThan(0);
}

const published = async (bridge: Bridge) => (await bridge.published('journey')).map(({ id }) => id);

describe.skipIf(!canMount)(
  'a pipeline that is acknowledged from the spool, on a disk that is too small',
  { ...mounts, timeout: 90_000 },
  () => {
    test('leaves upstream what does not fit while the broker is away, says so, and delivers all of it when it is back', async () => {
      await using disk = await mountedDisk('size=64m');
      let isDown = true;
      const events = 6_000;
      await using simulator = await startFenergoSimulator({
        fill: [{ feed: 'journey', events, eventBytes: 16 * 1024 }],
      });
      await using bridge = await startBridge({
        baseUrl: simulator.baseUrl,
        from,
        stateDir: join(disk.path, 'state'),
        spool: '1GiB',
        sinkType: refusingSinkType({ isDown: () => isDown }),
      });
      await refusalSeen(bridge);
      await expect.poll(async () => (await bridge.operations.spool()).refusing, patience).toBe('disk');
      const { body } = await bridge.health('/healthz');
      expect(body).toMatchObject({ status: 'degraded', feeds: { [feed]: { spool: { refusing: 'disk' } } } });
      expect((await bridge.health('/livez')).status).toBe(200);
      expect(simulator.ledger('journey').flatMap(({ eventIds }) => eventIds).length).toBeLessThan(events);
      expect(await published(bridge)).toEqual([]);

      isDown = false;
      expect(await simulator.drained(60_000)).toBe(true);
      await expect.poll(async () => (await bridge.operations.spool()).feeds[0]?.records, patience).toBe(0);
      expect(await published(bridge)).toEqual(handedOut(simulator.ledger('journey')));
      expect(await published(bridge)).toHaveLength(events);
      expect((await bridge.operations.spool()).feeds).toMatchObject([{ gaps: 0 }]);
    });

    test('takes nothing while something else fills it, and goes on by itself within 10 s of room', async () => {
      await using disk = await mountedDisk('size=64m');
      await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 100 }] });
      await using bridge = await startBridge({
        baseUrl: simulator.baseUrl,
        from,
        stateDir: join(disk.path, 'state'),
        spool: '1GiB',
      });
      expect(await simulator.drained(10_000)).toBe(true);
      await bridge.recorder.seen('spool.drained');

      const filler = await fill(disk.path);
      simulator.fill({ feed: 'journey', events: 400, eventBytes: 64 * 1024 });
      await refusalSeen(bridge);
      const { feeds } = (await bridge.health('/healthz')).body;
      expect(feeds[feed]).toMatchObject({ status: 'degraded', lastError: { code: 'STATE_UNWRITABLE' } });
      expect(await bridge.health('/readyz')).toMatchObject({ status: 503, body: { ready: false } });
      const before = bridge.recorder.of('batch.spooled').length;

      await rm(filler);
      const freed = performance.now();
      await bridge.recorder.seen('batch.spooled', before + 1);
      expect(performance.now() - freed).toBeLessThan(recoveryMs);
      expect(await simulator.drained(30_000)).toBe(true);
      await expect.poll(async () => (await bridge.operations.spool()).feeds[0]?.records, patience).toBe(0);
      expect(await published(bridge)).toEqual(handedOut(simulator.ledger('journey')));
      expect(await published(bridge)).toHaveLength(500);
      expect((await bridge.health('/healthz')).body.feeds[feed]).toMatchObject({ spool: { refusing: null, gaps: 0 } });
    });
  },
);
