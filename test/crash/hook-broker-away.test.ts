import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { watchVitals } from '../support/bridge/vitals.ts';
import { closedPort } from '../support/closed-port.ts';
import { makeHookHome } from '../support/hooks/hook-home.ts';
import { type Sender, startSender } from '../support/hooks/sender.ts';
import { imageStart } from '../support/image-start.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { asJourney, idsAt } from './hook-kills.ts';
import { kafkaGround } from './kafka-ground.ts';
import { full } from './scale.ts';

/** More than the bridge has in flight at once. */
const concurrency = 1_500;
const padding = 20_000;
const awayMs = full ? 120_000 : 10_000;
const timeout = 600_000;
const growthMiB = 48;
const withinMs = 1_000;
const from = { answer: { within: `${withinMs}ms` } };
/**
 * After so many refusals, and so many times that those in flight were refused and others let in for them, everything
 * that is bounded has reached its bound, however slow or fast the machine is.
 */
const [settledRefusals, settledRounds] = [20_000, 6];

async function settled(sender: Sender): Promise<number> {
  const refusals = () => sender.told.statuses.get(503) ?? 0;
  const most = refusals() + settledRefusals;
  const rounds = delay(settledRounds * withinMs);
  await expect.poll(refusals, { timeout: 240_000 }).toBeGreaterThan(most);
  await rounds;
  return Date.now();
}

/** How much more than before a process has needed since, at most. */
function growthOf(samples: ReturnType<typeof watchVitals>['samples'], since: number): number {
  const later = samples.filter(({ at }) => at >= since).map(({ rssMiB }) => rssMiB);
  const before = Math.max(...samples.filter(({ at }) => at < since).map(({ rssMiB }) => rssMiB));
  return Math.max(...later) - before;
}

test('a broker that is not there: every request is answered 503 in time, and memory is bounded', {
  timeout,
}, async () => {
  const broker = { type: 'kafka', bootstrap: [`127.0.0.1:${await closedPort()}`] };
  await using home = await makeHookHome({ destination: { broker, to: { topic: 'away' } }, from });
  await using bridge = startBridge(home.configFile, imageStart());
  await bridge.logs(({ event }) => event === 'daemon.started');
  await using sender = startSender({ url: home.url, concurrency, keys: 5_000, padding });
  using vitals = watchVitals(bridge.pid);
  const since = await settled(sender);
  await delay(awayMs);
  const growth = growthOf(vitals.samples, since);
  const { statuses } = sender.told;
  console.log(
    `no broker for ${awayMs / 1_000} s: ${statuses.get(503)} × 503; at most ${Math.max(...vitals.samples.map(({ rssMiB }) => rssMiB)).toFixed(0)} MiB, ${growth.toFixed(1)} MiB more than once all bounds were reached`,
  );
  expect([...statuses.keys()].toSorted()).toEqual([503]);
  expect(sender.told.accepted.size).toBe(0);
  expect(growth).toBeLessThan(growthMiB);
});

const kafka = await ownKafkaSuite();

kafka('a broker that hangs', (broker) => {
  test('every request is answered 503 in time, memory is bounded, and all flows again afterwards', {
    timeout,
  }, async () => {
    await using ground = await kafkaGround(broker.bootstrap);
    await using home = await makeHookHome({ destination: asJourney(ground.destination), from });
    await using bridge = startBridge(home.configFile, imageStart());
    await using sender = startSender({ url: home.url, concurrency, keys: 5_000, padding });
    await bridge.whileRunning(sender.accepted(3_000));
    await broker.freeze();
    const accepted = sender.told.accepted.size;
    const vitals = watchVitals(bridge.pid);
    const since = await settled(sender);
    await delay(awayMs);
    vitals[Symbol.dispose]();
    const meanwhile = sender.told.accepted.size - accepted;
    broker.thaw();
    const growth = growthOf(vitals.samples, since);
    await bridge.whileRunning(sender.accepted(sender.told.accepted.size + 1_000));
    await bridge.whileRunning(sender.finish());
    expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
    const there = new Set(await idsAt(ground));
    const lost = [...sender.told.accepted].filter((id) => !there.has(id));
    console.log(
      `kafka frozen for ${awayMs / 1_000} s: ${sender.told.statuses.get(503)} × 503, ${meanwhile} accepted meanwhile, ${sender.told.accepted.size} in all, ${lost.length} lost; ${growth.toFixed(1)} MiB more than once all bounds were reached`,
    );
    expect(lost).toEqual([]);
    expect(growth).toBeLessThan(growthMiB);
  });
});
