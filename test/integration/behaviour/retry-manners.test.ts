import { describe, expect, test, vi } from 'vitest';
import { type FenergoFeed, feedNames } from '../../../connectors/fenergo/feeds.ts';
import type { Fault } from '../../../connectors/fenergo/simulator/faults.ts';
import type { RequestEntry } from '../../../connectors/fenergo/simulator/request-log.ts';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { closedPort } from '../../support/closed-port.ts';
import { type Bridge, startBridge } from '../../support/daemon.ts';

const timeouts = 'timeouts: { connect: 1s, headers: 100ms, body: 100ms }';
const from = ['feeds: all', 'schedule: { every: 200ms }', timeouts];
/** A machine that is busy sees a request late, and the next one in time. */
const tolerance = 150;

/** Milliseconds from each request that failed to the one after it. */
function gaps(requests: readonly RequestEntry[], failed: (entry: RequestEntry) => boolean): number[] {
  return requests.slice(1).flatMap(({ at }, index) => {
    const previous = requests[index];
    return previous && failed(previous) ? [at - previous.at] : [];
  });
}

async function seenOf(simulator: Simulator, feed: FenergoFeed, count: number): Promise<readonly RequestEntry[]> {
  const enough = () => expect(simulator.requests(feed).length).toBeGreaterThanOrEqual(count);
  await vi.waitFor(enough, { timeout: 15_000 });
  return simulator.requests(feed);
}

function delays(bridge: Bridge, attempt: number): number[] {
  return bridge.recorder
    .of('attempt.failed')
    .filter((event) => event.attempt === attempt)
    .map(({ delayMs }) => delayMs);
}

type Mode = readonly [feed: FenergoFeed, fault: Fault];

/** One failing mode per feed. */
const failing: Readonly<Record<string, readonly Mode[]>> = {
  'of next': [
    ['journey', { kind: 'status', status: 503 }],
    ['entitydata', { kind: 'html' }],
    ['document', { kind: 'hang' }],
    ['screening', { kind: 'reset' }],
    ['digitalidv', { kind: 'status', status: 401 }],
    ['association', { kind: 'truncate' }],
  ],
  'of complete': [
    ['journey', { call: 'complete', kind: 'status', status: 500 }],
    ['entitydata', { call: 'complete', kind: 'status', status: 404 }],
    ['document', { call: 'complete', kind: 'hang' }],
    ['screening', { call: 'complete', kind: 'reset' }],
    ['digitalidv', { call: 'complete', kind: 'status', status: 429 }],
    // It says yes, and means no.
    ['association', { call: 'complete', kind: 'status', status: 200 }],
  ],
};

describe.concurrent('a failing feed is asked', () => {
  test.each(Object.entries(failing))('at most once a second, whatever the failure %s is', async (_name, modes) => {
    await using simulator = await startFenergoSimulator({
      fill: feedNames.map((feed) => ({ feed, events: 30 })),
    });
    for (const [feed, fault] of modes) simulator.addFault({ ...fault, feed, times: 'always' });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: { drainMs: 10 } });
    for (const [feed, fault] of modes) {
      const disturbed = fault.call === 'complete';
      const requests = await seenOf(simulator, feed, disturbed ? 5 : 3);
      // From the first failure on: a batch that has come, and a complete that said yes, are none.
      const first = disturbed ? (fault.kind === 'status' && fault.status === 200 ? 2 : 1) : 0;
      for (const gap of gaps(requests.slice(first), () => true)) {
        expect([feed, gap > 1_000 - tolerance, gap]).toEqual([feed, true, gap]);
      }
      expect(await bridge.published(feed)).toHaveLength(disturbed ? 10 : 0);
    }
  });

  test('once where it does not exist, and then left alone until it is probed', async () => {
    await using simulator = await startFenergoSimulator();
    simulator.addFault({ kind: 'status', status: 404, times: 'always' });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: { probeMs: 1_500 } });
    const requests = await seenOf(simulator, 'journey', 3);
    for (const gap of gaps(requests, () => true)) expect(gap).toBeGreaterThan(1_500 - tolerance);
    expect(bridge.daemon.control.state('fenergo/journey')).toBe('halted');
  });

  test('after the time that upstream asked for, in seconds or as a date, for next and for complete', async () => {
    await using simulator = await startFenergoSimulator({
      fill: [
        { feed: 'document', events: 1 },
        { feed: 'screening', events: 1 },
      ],
    });
    const limited = { kind: 'status', status: 429, retryAfterS: 3 } as const;
    const asDate = { retryAfterAs: 'date' } as const;
    simulator.addFault({ ...limited, feed: 'journey', times: 2 });
    simulator.addFault({ ...limited, ...asDate, feed: 'entitydata', times: 2 });
    simulator.addFault({ ...limited, feed: 'document', call: 'complete', times: 1 });
    simulator.addFault({ ...limited, ...asDate, status: 503, feed: 'screening', call: 'complete', times: 1 });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from });
    for (const feed of ['journey', 'entitydata', 'document', 'screening'] as const) {
      const requests = await seenOf(simulator, feed, 3);
      const waited = gaps(requests, ({ status }) => status === 429 || status === 503);
      expect(waited.length).toBeGreaterThan(0);
      // A date has no parts of a second.
      const least = feed === 'journey' || feed === 'document' ? 3_000 : 2_000;
      for (const gap of waited) expect(gap).toBeGreaterThan(least - tolerance);
      for (const gap of waited) expect(gap).toBeLessThan(3_000 + 1_500);
    }
    expect(await simulator.drained(10_000)).toBe(true);
    expect(bridge.recorder.of('feed.halted')).toEqual([]);
  });

  test('after jittered waits that grow, also where nothing listens', async () => {
    const baseUrl = `http://127.0.0.1:${await closedPort()}`;
    await using bridge = await startBridge({ baseUrl, from });
    await bridge.recorder.seen('attempt.failed', 6 * 3);
    for (const [attempt, base] of [
      [1, 1_000],
      [2, 2_000],
      [3, 4_000],
    ] as const) {
      const drawn = delays(bridge, attempt);
      for (const delayMs of drawn) expect(delayMs).toBeGreaterThanOrEqual(base);
      for (const delayMs of drawn) expect(delayMs).toBeLessThanOrEqual(base * 1.5);
      if (attempt < 3) expect(new Set(drawn).size).toBeGreaterThan(3);
    }
  });

  test('with one token at a time where its access tokens are refused', async () => {
    const auth = { kind: 'oauth2', clientId: 'ferry', clientSecret: 'something' } as const;
    await using simulator = await startFenergoSimulator({ auth });
    simulator.addFault({ kind: 'status', status: 401, feed: 'journey', times: 'always' });
    const oauth2 = `auth: { oauth2: { tokenUrl: "${simulator.tokenUrl}", clientId: ferry, clientSecret: something } }`;
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from: [...from, oauth2] });
    const requests = await seenOf(simulator, 'journey', 4);
    // The first refusal is answered with a fresh token at once; from then on it is known to be of no use.
    const [first, ...rest] = gaps(requests, () => true);
    expect(first).toBeLessThan(1_000);
    for (const gap of rest) expect(gap).toBeGreaterThan(1_000 - tolerance);
    expect(bridge.recorder.of('attempt.failed').map(({ error }) => error.code)).not.toContain('TOKEN_UNAVAILABLE');
  });

  test('at most once a second for a token that is not to be had', async () => {
    const auth = { kind: 'oauth2', clientId: 'ferry', clientSecret: 'another' } as const;
    await using simulator = await startFenergoSimulator({ auth });
    const oauth2 = `auth: { oauth2: { tokenUrl: "${simulator.tokenUrl}", clientId: ferry, clientSecret: something } }`;
    const one = ['feeds: [journey]', timeouts, oauth2];
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from: one });
    const { error } = await bridge.recorder.seen('attempt.failed', 3);
    expect(error.code).toBe('TOKEN_UNAVAILABLE');
    for (const gap of gaps(simulator.requests(), () => true)) expect(gap).toBeGreaterThan(1_000 - tolerance);
    expect(simulator.requests('journey')).toEqual([]);
  });
});
