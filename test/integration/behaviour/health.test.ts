import { describe, expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import type { Fault } from '../../../connectors/fenergo/simulator/faults.ts';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { closedPort } from '../../support/closed-port.ts';
import { type Bridge, hastily, startBridge } from '../../support/daemon.ts';
import { startPoisonedUpstream } from '../../support/poisoned-upstream.ts';
import { refusingSinkType } from '../../support/refusing-sink.ts';

const from = ['feeds: [journey, document]', 'schedule: { every: 20ms }'];

/** Strict readiness says no and names the feed and the reason; the process itself stays ready and alive. */
async function expectTrouble(bridge: Bridge, ...reasons: readonly RegExp[]): Promise<void> {
  const strict = async () => (await bridge.health('/readyz/fenergo')).body.reasons ?? [];
  for (const reason of reasons) {
    await expect.poll(strict, { timeout: 10_000 }).toContainEqual(expect.stringMatching(reason));
  }
  expect(await bridge.health('/readyz/fenergo')).toMatchObject({ status: 503, body: { ready: false } });
  expect(await bridge.health('/readyz')).toEqual({ status: 200, body: { ready: true, reasons: [] } });
  expect(await bridge.health('/livez')).toEqual({ status: 200, body: { status: 'ok' } });
  expect((await bridge.health('/healthz')).body.status).toBe('degraded');
}

async function expectWell(bridge: Bridge): Promise<void> {
  await expect.poll(() => bridge.health('/readyz/fenergo'), { timeout: 10_000 }).toMatchObject({ status: 200 });
  expect((await bridge.health('/healthz')).body.status).toBe('ok');
}

describe('health tells the truth', () => {
  test('when all is well', async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 30 }] });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from });
    expect(await simulator.drained(10_000)).toBe(true);
    await bridge.recorder.seen('batch.completed', 3);
    await expectWell(bridge);
    expect((await bridge.health('/healthz')).body.feeds).toMatchObject({
      'fenergo/journey': {
        status: 'ok',
        state: 'running',
        lastError: null,
        failuresInARow: 0,
        oldestUnconfirmedSeconds: null,
        oldestUncompletedSeconds: null,
        counts: { fetched: 3, published: 30, completed: 3, deadLettered: 0, returned: 0 },
      },
      'fenergo/document': { status: 'ok', counts: { fetched: 0, published: 0 } },
    });
  });

  test('when dead letters wait for an operator, until they are closed', async () => {
    await using upstream = await startPoisonedUpstream();
    upstream.enqueueGolden();
    await using bridge = await startBridge({ baseUrl: upstream.baseUrl, from });
    await bridge.recorder.seen('batch.completed', 1);
    const told = async () => (await bridge.health('/healthz')).body.feeds['fenergo/journey'];
    const [letter] = await bridge.operations.deadLetters({ limit: 1 });
    if (letter === undefined) throw new Error('nothing was set aside');
    const oldestSeconds = expect.any(Number);
    expect(await told()).toMatchObject({ deadLetters: { byCode: { [letter.code]: 1 }, oldestSeconds } });
    expect(await bridge.operations.deadLetterCounts()).toMatchObject([{ count: 1, oldestAt: letter.lastAt }]);
    await bridge.operations.discardDeadLetters([letter.id], { reason: 'a test' });
    expect(await told()).toMatchObject({ deadLetters: { byCode: {}, oldestSeconds: null } });
    await expectWell(bridge);
  });

  test('when upstream is down', async () => {
    const baseUrl = `http://127.0.0.1:${await closedPort()}`;
    await using bridge = await startBridge({ baseUrl, from, timing: hastily });
    await expectTrouble(bridge, /^fenergo\/journey failed \d+ times in a row: UPSTREAM_UNREACHABLE/);
  });

  test('when the broker is down, for each feed that waits for it, and when it is back', async () => {
    let isDown = true;
    const sinkType = refusingSinkType({ isDown: () => isDown });
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 30 }] });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, sinkType, timing: { drainMs: 100 } });
    await expectTrouble(bridge, /^fenergo\/journey failed \d+ times in a row: BROKER_UNAVAILABLE/);
    const { feeds } = (await bridge.health('/healthz')).body;
    expect(feeds['fenergo/journey']).toMatchObject({
      status: 'degraded',
      oldestUnconfirmedSeconds: expect.any(Number),
    });
    expect(feeds['fenergo/document']).toMatchObject({ status: 'ok', oldestUnconfirmedSeconds: null });
    isDown = false;
    await expectWell(bridge);
    expect(await simulator.drained(10_000)).toBe(true);
  });

  const broken: readonly (readonly [string, Fault, RegExp])[] = [
    ['is unknown', { kind: 'status', status: 404 }, /^fenergo\/journey is halted: UPSTREAM_NOT_FOUND/],
    ['is refused', { kind: 'status', status: 403 }, /^fenergo\/journey failed \d+ times in a row: AUTH_REFUSED/],
    ['cannot be read', { kind: 'html' }, /^fenergo\/journey is halted: BATCH_UNREADABLE/],
    [
      'cannot be completed',
      { kind: 'status', status: 404, call: 'complete' },
      /^fenergo\/journey is halted: COMPLETE_REFUSED/,
    ],
    [
      'may or may not be completed',
      { kind: 'status', status: 500, call: 'complete' },
      /^fenergo\/journey failed \d+ times in a row: UPSTREAM_ERROR/,
    ],
  ];

  test.each(broken)('when one feed %s, and when it is mended', async (_name, fault, reason) => {
    await using simulator = await startFenergoSimulator({ fill: feedNames.map((feed) => ({ feed, events: 10 })) });
    simulator.addFault({ ...fault, feed: 'journey', times: 'always' });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: { ...hastily, probeMs: 50 } });
    await expectTrouble(bridge, reason);
    const { feeds } = (await bridge.health('/healthz')).body;
    expect(feeds['fenergo/document']).toMatchObject({ status: 'ok', reasons: [] });
    simulator.clearFaults();
    await expectWell(bridge);
  });

  test('about a pipeline that there is none of', async () => {
    await using simulator = await startFenergoSimulator();
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from });
    expect((await bridge.health('/readyz/another')).status).toBe(404);
  });

  test('while the daemon drains, until it is gone', async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 10 }] });
    const sinkType = refusingSinkType();
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, sinkType, timing: { drainMs: 500 } });
    await bridge.recorder.seen('attempt.failed');
    const draining = bridge.drain();
    expect((await bridge.health('/livez')).status).toBe(200);
    await draining;
    await expect(bridge.health('/livez')).rejects.toThrow();
  });
});
