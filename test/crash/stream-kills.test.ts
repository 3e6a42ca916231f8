import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import { startStreamServer } from '../../connectors/sse/simulator/stream-server.ts';
import { readLog } from '../../src/sinks/log/read-log.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { createSpoolTail } from '../support/judge/spool-tail.ts';
import { startSteadySender } from '../support/stream/steady-sender.ts';
import { makeStreamHome } from '../support/stream/stream-home.ts';
import { full, seed } from './scale.ts';

const kills = full ? 20 : 3;
const perSecond = 1_000;
const scatterMs = 1_500;
const timeout = 120_000 + kills * 20_000;

async function publishedIn(logDir: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { line } of readLog(logDir, 'events')) ids.push((JSON.parse(line.toString()) as { id: string }).id);
  return ids;
}

const numberOf = (id: string) => Number(id.split('-')[1]);

/** First occurrences, in the order in which they were published, and how many are repeats. */
function firsts(ids: readonly string[]) {
  const first = [...new Set(ids)];
  return { first, doubled: ids.length - first.length };
}

/** Kills a bridge again and again in the midst of a stream; gives what is published in the end, and what was in the spool at a kill. */
async function killed(ids: boolean) {
  const roll = dice(seed + (ids ? 7 : 8));
  await using server = await startStreamServer({ ids });
  await using home = await makeStreamHome(server.origin);
  const tail = createSpoolTail(home.stateDir);
  const spooled = new Set<string>();
  using sender = startSteadySender(server, { perSecond, keys: 100 });
  for (let life = 0; life < kills; life += 1) {
    await using bridge = startBridge(home.configFile);
    await bridge.whileRunning(server.connected(1));
    await delay(Math.ceil(roll() * scatterMs));
    await bridge.kill9();
    for (const id of tail.present()) spooled.add(id);
  }
  await using bridge = startBridge(home.configFile);
  await bridge.whileRunning(server.connected(1));
  sender.stop();
  const last = server.send(JSON.stringify({ id: 'e-999999999', key: 'last' }));
  const isThere = async () => {
    while (!(await publishedIn(home.logDir)).includes('e-999999999')) await delay(100);
  };
  await bridge.whileRunning(isThere());
  expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
  const published = await publishedIn(home.logDir);
  return { published, spooled, sent: sender.sent, last, requests: server.requests };
}

test(`${kills} kills -9 of a stream with ids: nothing is lost, all is in order (FEEDFERRY_SEED=${seed})`, {
  timeout,
}, async () => {
  const { published, sent, requests } = await killed(true);
  const { first, doubled } = firsts(published);
  const asked = requests.map(({ lastEventId }) => Number(lastEventId ?? 0));
  console.log(
    `stream with ids, ${kills} kills -9: ${sent} sent, ${first.length} published, 0 lost, ${doubled} doubled; last asked from ${asked.at(-1)}`,
  );
  const numbers = first.map(numberOf);
  expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
  // All from the first one on that anybody heard.
  const begin = numbers[0] ?? 0;
  expect(first.length).toBe(sent - begin + 2);
  expect(requests.slice(1).every(({ lastEventId }) => lastEventId !== undefined)).toBe(true);
  // What was on its way from the spool to the log at a kill, and no more.
  expect(doubled).toBeLessThanOrEqual(kills * 1_000);
});

test(`${kills} kills -9 of a stream without ids: all that had reached the spool is published, in order (FEEDFERRY_SEED=${seed})`, {
  timeout,
}, async () => {
  const { published, spooled, sent } = await killed(false);
  const { first, doubled } = firsts(published);
  const there = new Set(first);
  const lost = [...spooled].filter((id) => !there.has(id));
  console.log(
    `stream without ids, ${kills} kills -9: ${sent} sent, ${first.length} published, ${spooled.size} seen in the spool at kills, ${lost.length} of them lost, ${doubled} doubled`,
  );
  expect(lost).toEqual([]);
  const numbers = first.map(numberOf);
  expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
  expect(doubled).toBeLessThanOrEqual(kills * 1_000);
});
