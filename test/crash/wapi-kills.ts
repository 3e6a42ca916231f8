import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import { startWapiSimulator } from '../../connectors/wapi/simulator/simulator.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { makeWapiHome } from '../support/wapi-home.ts';
import type { Ground } from './ground.ts';
import { asJourney } from './hook-kills.ts';
import { killMoments, seed } from './scale.ts';

const drainedMs = 300_000;
const scatterMs = 30;
const poisonEvery = 20;
const roll = dice(seed + 5);

interface Stored {
  readonly id: string;
  readonly data: { readonly notify: { readonly ID: string } };
}

/**
 * Drains the POLL queue of WAPI into a broker through bridges that are killed, with calls that fail and notifications that
 * are poison. Expects that nothing is lost, that nothing is marked before the broker has it, and that all is in order.
 */
export async function killWapi(what: string, ground: Ground, events: number, kills: number): Promise<void> {
  const early: string[] = [];
  const isPoison = (id: string): boolean => Number(id) % poisonEvery === 0;
  await using simulator = await startWapiSimulator({
    seed,
    events,
    poisonEvery,
    faults: { page: 0.005, 'drop-after': 0.005, '5xx': 0.005 },
    async marking(id) {
      if (isPoison(id)) {
        if (!home.setAside().includes(id)) early.push(id);
        return;
      }
      const absent = (await ground.absent?.('journey', [id])) ?? [];
      early.push(...absent);
    },
  });
  await using home = await makeWapiHome({
    baseUrl: simulator.baseUrl,
    destination: asJourney(ground.destination),
  });
  for (const moment of killMoments(kills, events * 2)) {
    await using bridge = startBridge(home.configFile);
    await bridge.whileRunning(simulator.reached(moment));
    await delay(roll() * scatterMs);
    await bridge.kill9();
  }
  await using last = startBridge(home.configFile);
  await last.logs(({ event }) => event === 'daemon.started');
  await expect.poll(() => simulator.left(), { timeout: drainedMs, interval: 200 }).toBe(0);
  expect(await last.sigterm()).toEqual({ code: 0, signal: null });

  const stored = (await ground.read()).map(({ bytes, appendedAt }) => {
    return { id: (JSON.parse(Buffer.from(bytes).toString()) as Stored).data.notify.ID, appendedAt };
  });
  // Several message groups of a FIFO queue are read in any order: the broker says when it took each.
  if (stored.every(({ appendedAt }) => appendedAt !== undefined)) {
    stored.sort((one, other) => (one.appendedAt ?? 0) - (other.appendedAt ?? 0));
  }
  const firsts = [...new Map(stored.toReversed().map((one) => [one.id, one])).values()].toReversed();
  const there = new Set(stored.map(({ id }) => id));
  const expected = Array.from({ length: events }, (_, number) => String(number + 1)).filter((id) => !isPoison(id));
  const lost = expected.filter((id) => !there.has(id));
  const seen = stored.map(({ id }) => id).filter((id, at, all) => all.indexOf(id) === at);
  const markedAt = new Map(simulator.marked().map(({ id, at }) => [id, at]));
  for (const { id, appendedAt } of firsts) {
    if (appendedAt !== undefined && appendedAt > (markedAt.get(id) ?? 0)) early.push(id);
  }
  const { faults } = simulator.stats();
  console.log(
    `${what}: ${events} notifications, ${kills} kills, faults ${JSON.stringify(faults)} (seed ${seed}): ${lost.length} lost, ${early.length} marked early, ${stored.length - there.size} doubled, ${events - expected.length} set aside`,
  );
  expect(lost).toEqual([]);
  expect(early).toEqual([]);
  expect(seen).toEqual(expected);
  expect(stored.length - there.size).toBeLessThanOrEqual(kills);
  expect(home.setAside().toSorted((one, other) => Number(one) - Number(other))).toEqual(
    Array.from({ length: Math.floor(events / poisonEvery) }, (_, at) => String((at + 1) * poisonEvery)),
  );
  expect(simulator.marked().map(({ id }) => id)).toEqual(
    Array.from({ length: events }, (_, number) => String(number + 1)),
  );
}
