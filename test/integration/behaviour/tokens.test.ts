import { describe, expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import type { Fault } from '../../../connectors/fenergo/simulator/faults.ts';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { type Bridge, handedOut, hastily, startBridge } from '../../support/daemon.ts';

const events = 200;

function start(lifetimeS?: number): Promise<Simulator> {
  return startFenergoSimulator({
    auth: { kind: 'oauth2', clientId: 'ferry', clientSecret: 's3cr3t', ...(lifetimeS && { lifetimeS }) },
    fill: feedNames.map((feed) => ({ feed, events })),
  });
}

async function drainAll(simulator: Simulator): Promise<Bridge> {
  const oauth2 = `auth: { oauth2: { tokenUrl: "${simulator.tokenUrl}", clientId: ferry, clientSecret: s3cr3t } }`;
  const from = ['feeds: all', 'schedule: { every: 200ms }', oauth2];
  await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: hastily });
  expect(await simulator.drained(15_000)).toBe(true);
  await bridge.drain();
  for (const feed of feedNames) {
    const published = (await bridge.published(feed)).map(({ id }) => id);
    expect(published).toHaveLength(events);
    expect(published).toEqual(handedOut(simulator.ledger(feed)));
  }
  for (const batch of simulator.ledger()) expect(batch.completedBy).toBe('client');
  return bridge;
}

describe('while six feeds drain', () => {
  test.each<readonly [string, Fault]>([
    ['before a next', { kind: 'expire-tokens', skip: 30 }],
    ['before a complete', { kind: 'expire-tokens', call: 'complete', skip: 30 }],
  ])(
    'a token that ends early (%s) is renewed once for all of them, and no batch is lost or doubled',
    async (_name, fault) => {
      await using simulator = await start();
      simulator.addFault(fault);
      const { recorder } = await drainAll(simulator);
      expect(simulator.stats().tokensIssued).toBe(2);
      expect(recorder.of('token.refreshed')).toHaveLength(2);
      expect(recorder.of('attempt.failed')).toEqual([]);
    },
  );

  test('tokens that end again and again cost one renewal each', async () => {
    await using simulator = await start();
    for (const skip of [20, 50, 80, 110]) simulator.addFault({ kind: 'expire-tokens', skip });
    const { recorder } = await drainAll(simulator);
    expect(simulator.stats().tokensIssued).toBe(5);
    expect(recorder.of('feed.halted')).toEqual([]);
  });

  test('a token with a short life is replaced before it ends, for all of them at once', async () => {
    await using simulator = await start(0.4);
    const { recorder } = await drainAll(simulator);
    const refreshed = recorder.of('token.refreshed').length;
    expect(refreshed).toBe(simulator.stats().tokensIssued);
    // One for each 200 ms of life that is used, not one for each feed.
    expect(refreshed).toBeLessThan(60);
  });

  test('a token endpoint that is down for a while delays them, and no more', async () => {
    await using simulator = await start();
    simulator.addFault({ kind: 'expire-tokens', skip: 30 });
    simulator.addFault({ kind: 'status', status: 503, call: 'token', skip: 1, times: 3 });
    const { recorder } = await drainAll(simulator);
    const codes = new Set(recorder.of('attempt.failed').map(({ error }) => error.code));
    expect(codes).toEqual(new Set(['TOKEN_UNAVAILABLE']));
    expect(simulator.stats().tokensIssued).toBe(2);
  });
});
