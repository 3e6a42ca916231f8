import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startStreamServer } from '../../connectors/sse/simulator/stream-server.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { watchVitals } from '../support/bridge/vitals.ts';
import { startFaultProxy } from '../support/fault-proxy/fault-proxy.ts';
import { imageStart } from '../support/image-start.ts';
import { createSpoolTail } from '../support/judge/spool-tail.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { startSteadySender } from '../support/stream/steady-sender.ts';
import { makeStreamHome } from '../support/stream/stream-home.ts';
import { asJourney, idsAt } from './hook-kills.ts';
import { rabbitmqGround } from './rabbitmq-ground.ts';
import { full } from './scale.ts';

const awayMs = full ? 60_000 : 10_000;
const perSecond = 2_000;
const settledMs = full ? 20_000 : 4_000;
const growthMiB = 100;

const suite = await ownRabbitmqSuite();

const keys = 500;

suite('a stream', (broker) => {
  const title = `RabbitMQ away for ${awayMs / 1_000} s at ${perSecond} events a second: spooled, in bounded memory, and drained in order`;
  test(title, { timeout: 10 * 60_000 }, async () => {
    const { host } = new URL(broker.url);
    const proxy = await startFaultProxy(host);
    await using ground = await rabbitmqGround(broker, { url: broker.url.replace(host, proxy.address) });
    await using server = await startStreamServer();
    await using home = await makeStreamHome(server.origin, asJourney(ground.destination));
    await using bridge = startBridge(home.configFile, imageStart());
    await bridge.whileRunning(server.connected(1));
    using sender = startSteadySender(server, { perSecond, keys });
    await delay(1_000);
    proxy.refuse();
    proxy.reset();
    const from = Date.now() + settledMs;
    const vitals = watchVitals(bridge.pid);
    await delay(awayMs);
    vitals[Symbol.dispose]();
    sender.stop();
    const { sent } = sender;
    const spooled = createSpoolTail(home.stateDir).records();
    const rss = (fits: (at: number) => boolean) =>
      Math.max(...vitals.samples.filter(({ at }) => fits(at)).map(({ rssMiB }) => rssMiB));
    const growth = rss((at) => at >= from) - rss((at) => at < from);
    await proxy.heal();
    const back = performance.now();
    const drained = async () => {
      while (createSpoolTail(home.stateDir).records() > 0) await delay(250);
    };
    await drained();
    const seconds = (performance.now() - back) / 1_000;
    expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
    const ids = await idsAt(ground);
    await proxy.stop();
    console.log(
      `RabbitMQ away for ${awayMs / 1_000} s at ${perSecond} events a second: ${sent} sent, ${spooled} in the spool at its end, drained ${seconds.toFixed(1)} s later; ${new Set(ids).size} published, ${ids.length - new Set(ids).size} doubled; at most ${rss(() => true).toFixed(0)} MiB, ${growth.toFixed(1)} MiB more than in the first ${settledMs / 1_000} s`,
    );
    const numbers = [...new Set(ids)].map((id) => Number(id.split('-')[1]));
    expect(numbers.toSorted((one, other) => one - other)).toEqual(Array.from({ length: sent }, (_, at) => at + 1));
    for (const own of Map.groupBy(numbers, (number) => number % keys).values()) {
      expect(own).toEqual(own.toSorted((one, other) => one - other));
    }
    expect(spooled).toBeGreaterThan((awayMs / 1_000) * perSecond * 0.5);
    expect(growth).toBeLessThan(growthMiB);
  });
});
