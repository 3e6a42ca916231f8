import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import { batchBody } from '../../../connectors/fenergo/simulator/batch-body.ts';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { handedOut, hastily, startBridge } from '../../support/daemon.ts';
import { createWorkplace } from '../../support/workplace.ts';
import { canMount, mountedDisk, mounts } from '../../unit/state/mounted-disk.ts';

const from = ['feeds: [journey]', 'schedule: { every: 20ms }'];
const good = '{"id":"good","eventType":"journey:x"}';

/** Leaves no room on a disk. Gives the file that takes it. */
async function fill(dir: string): Promise<string> {
  const filler = join(dir, 'filler');
  const { bavail, bsize } = await statfs(dir);
  await writeFile(filler, Buffer.alloc(bavail * bsize));
  return filler;
}

describe.skipIf(!canMount)('while the disk of the state is full', mounts, () => {
  test('a batch with poison is not acked, and nothing of it is dropped; once there is space it goes on', async () => {
    await using disk = await mountedDisk('size=4m');
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 10 }] });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, stateDir: join(disk.path, 'state') });
    expect(await simulator.drained(10_000)).toBe(true);
    await bridge.recorder.seen('feed.idle');

    const filler = await fill(disk.path);
    const poison = `{"eventType":"journey:x","payload":"${'x'.repeat(1024 ** 2)}"}`;
    simulator.enqueue('journey', batchBody('mixed', [good, poison, good]), 'mixed');
    simulator.enqueue('journey', batchBody('after', [good]), 'after');
    const { error, activity } = await bridge.recorder.seen('attempt.failed', 3);
    expect([activity, error.code]).toEqual(['dead-letter', 'STATE_UNWRITABLE']);
    expect(simulator.ledger('journey').at(-1)).toMatchObject({ batchId: 'mixed', completeCalls: 0, fetches: 1 });
    expect(await bridge.health('/readyz')).toMatchObject({ status: 503, body: { ready: false } });
    expect((await bridge.health('/livez')).status).toBe(200);

    await rm(filler);
    expect(await simulator.drained(15_000)).toBe(true);
    await bridge.drain();
    await using again = await startBridge({ baseUrl: simulator.baseUrl, from, stateDir: join(disk.path, 'state') });
    const letters = await again.operations.deadLetters({ limit: 10 });
    expect(letters.map(({ record }) => Buffer.from(record.bytes).toString())).toEqual([poison]);
    const published = (await bridge.published('journey')).map(({ id }) => id);
    expect(published.slice(10)).toEqual(['good', 'good', 'good']);
  });

  test('batches without poison are acked, with an alarm, and this process publishes none of them twice', async () => {
    await using disk = await mountedDisk('size=4m');
    await using workplace = await createWorkplace();
    await using simulator = await startFenergoSimulator({ fill: feedNames.map((feed) => ({ feed, events: 10 })) });
    const options = { baseUrl: simulator.baseUrl, workplace, stateDir: join(disk.path, 'state'), timing: hastily };
    await using bridge = await startBridge(options);
    expect(await simulator.drained(10_000)).toBe(true);

    await fill(disk.path);
    // Each complete is in doubt, so that what is in memory of the ledger has to do its work.
    simulator.addFault({ kind: 'status', status: 500, call: 'complete', probability: 0.3, times: 'always' });
    for (const feed of feedNames) simulator.fill({ feed, events: 500 });
    expect(await simulator.drained(15_000)).toBe(true);
    expect(await bridge.operations.ledger({ limit: 5 })).toHaveLength(5);
    expect(await bridge.drain()).toEqual({ drained: true });
    const alarms = bridge.recorder.of('attempt.failed').filter(({ activity }) => activity === 'ledger');
    expect(alarms[0]?.error).toMatchObject({ code: 'STATE_UNWRITABLE' });
    for (const feed of feedNames) {
      const published = (await bridge.published(feed)).map(({ id }) => id);
      expect(published).toHaveLength(510);
      expect(published).toEqual(handedOut(simulator.ledger(feed)));
    }
  });

  test('a pause is refused rather than forgotten', async () => {
    await using disk = await mountedDisk('size=4m');
    await using simulator = await startFenergoSimulator();
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, stateDir: join(disk.path, 'state') });
    const filler = await fill(disk.path);
    const pause = () => bridge.operations.pause('fenergo/journey', 'x'.repeat(1_000));
    // What room its files have left takes a few of them.
    await expect(Promise.all(Array.from({ length: 600 }, pause))).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
    await rm(filler);
    await bridge.operations.pause('fenergo/journey', 'now there is room');
    expect(await bridge.operations.feedState('fenergo/journey')).toBe('paused');
  });
});
