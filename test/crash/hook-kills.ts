import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import type { Destination } from '../support/bridge/bridge-home.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { makeHookHome } from '../support/hooks/hook-home.ts';
import { startSender } from '../support/hooks/sender.ts';
import { createSpoolTail } from '../support/judge/spool-tail.ts';
import type { Ground } from './ground.ts';
import { seed } from './scale.ts';

/** Requests that wait for their answers at any time. */
export const inFlight = 2_000;

/** Events that are accepted between two kills. */
const eventsPerLife = 3_000;
const keys = 500;
const scatterMs = 300;
const roll = dice(seed + 3);

/** Where the one feed of the hooks goes: to what the ground has for the feed `journey`. */
export function asJourney({ broker, to }: Destination): Destination {
  const text = JSON.stringify(broker.type === 'log' ? { ...to, topic: 'fenergo.{feed}' } : to);
  return { broker, to: JSON.parse(text.replaceAll('{feed}', 'journey')) as Destination['to'] };
}

/** Of all events that are there, as often as they are. */
export async function idsAt(ground: Ground): Promise<readonly string[]> {
  const found = await ground.read();
  return found.map(({ bytes }) => (JSON.parse(Buffer.from(bytes).toString()) as { id: string }).id);
}

/**
 * Kills a bridge again and again in the midst of 2,000 requests, lets the last one come to its end, and expects that
 * every event whose sender was told 2xx is at the broker. Gives how many are there more than once.
 */
export async function killHooks(
  what: string,
  ground: Ground,
  kills: number,
  pipeline: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  await using home = await makeHookHome({
    destination: asJourney(ground.destination),
    hooks: { maxRequests: 2 * inFlight },
    pipeline,
  });
  const spool = 'ack' in pipeline ? createSpoolTail(home.stateDir) : undefined;
  await using sender = startSender({ url: home.url, concurrency: inFlight, keys });
  const open: number[] = [];
  for (let kill = 1; kill <= kills; kill++) {
    await using bridge = startBridge(home.configFile);
    await bridge.whileRunning(sender.accepted(sender.told.accepted.size + Math.round(eventsPerLife * (0.5 + roll()))));
    await delay(roll() * scatterMs);
    open.push(sender.inFlight());
    await bridge.kill9();
  }
  await using last = startBridge(home.configFile);
  await last.whileRunning(sender.finish());
  if (spool) await last.whileRunning(expect.poll(() => spool.records(), { timeout: 60_000 }).toBe(0));
  expect(await last.sigterm()).toEqual({ code: 0, signal: null });

  const stored = await idsAt(ground);
  const there = new Set(stored);
  const { accepted, statuses } = sender.told;
  const lost = [...accepted].filter((id) => !there.has(id));
  const doubled = stored.length - there.size;
  const answers = [...statuses].map(([status, times]) => `${times} × ${status === 0 ? 'none' : status}`).join(', ');
  console.log(
    `${what}: ${kills} kills with ${Math.min(...open)} to ${Math.max(...open)} requests in flight (seed ${seed}): ${accepted.size} accepted (${answers}), ${lost.length} lost, ${doubled} doubled`,
  );
  expect(lost).toEqual([]);
  expect(accepted.size).toBeGreaterThan(kills * eventsPerLife * 0.5);
  expect(Math.min(...open)).toBeGreaterThan(inFlight * 0.8);
  return doubled;
}
