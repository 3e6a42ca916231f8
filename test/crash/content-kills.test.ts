import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startContents } from '../../connectors/async-session/simulator/contents.ts';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import { readLog } from '../../src/sinks/log/read-log.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { claimFile, type SessionEvent, sessionToken } from '../support/contents/session-bridge.ts';
import { freePortNumbers } from '../support/free-ports.ts';
import { createWorkplace } from '../support/workplace.ts';
import { full, seed } from './scale.ts';

const kills = full ? 20 : 3;
const perLife = 30;
const timeout = 60_000 + kills * 30_000;

/** Sends until it is answered with success, or somebody says that it is enough. */
async function tell(url: string, sessionId: string): Promise<boolean> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${sessionToken}`, connection: 'close' };
  const body = JSON.stringify({ sessionId, status: 'ReportReady' });
  const status = await fetch(url, { method: 'POST', headers, body }).then(
    (response) => response.status,
    () => 0,
  );
  return status === 200;
}

test(`${kills} kills of a bridge amid downloads: each session that was answered 200 is published with a report that is there, whole`, {
  timeout,
}, async () => {
  await using resources = new AsyncDisposableStack();
  const faults = { slow: 0.3, cut: 0.02 };
  const contents = resources.use(await startContents({ bytes: { report: 200_000 }, faults, seed }));
  const { path } = resources.use(await createWorkplace());
  const dir = join(path, 'claims');
  const events = join(path, 'events');
  const [hooks = 0, health = 0] = await freePortNumbers(2);
  const file = join(path, 'feedferry.yaml');
  const from = {
    connector: 'async-session',
    account: 'acme',
    path: '/hooks/sessions',
    verify: { bearer: [sessionToken] },
    download: { baseUrl: contents.url, store: { dir } },
  };
  const configuration = {
    version: 1,
    state: { dir: join(path, 'state') },
    listen: { hooks: `127.0.0.1:${hooks}`, health: `127.0.0.1:${health}`, admin: '127.0.0.1:0' },
    brokers: { out: { type: 'log', dir: events } },
    pipelines: { sessions: { from, to: { broker: 'out', topic: 'sessions' } } },
  };
  await writeFile(file, JSON.stringify(configuration));
  const url = `http://127.0.0.1:${hooks}/hooks/sessions`;
  const roll = dice(seed);
  const safe: string[] = [];

  const published = async () => {
    const found: SessionEvent[] = [];
    for await (const { line } of readLog(events, 'sessions')) found.push(JSON.parse(line.toString()) as SessionEvent);
    return found;
  };
  const up = async () => {
    const bridge = resources.use(startBridge(file));
    const reached = () =>
      fetch(url, { headers: { connection: 'close' } }).then(
        ({ status }) => status,
        () => 0,
      );
    await bridge.whileRunning(expect.poll(reached, { timeout: 30_000 }).toBe(405));
    return bridge;
  };
  const asked = () => [...contents.asked.values()].reduce((sum, times) => sum + times, 0);

  let halves = 0;
  for (let life = 0; life < kills; life++) {
    const bridge = await up();
    const before = asked();
    const ids = Array.from({ length: perLife }, (_, index) => `S-${life}-${index}`);
    const told = ids.map(async (id) => ((await tell(url, id)) ? safe.push(id) : 0));
    const moment = 2 + Math.floor(roll() * perLife * 0.5);
    await bridge.whileRunning(expect.poll(asked, { timeout: 30_000, interval: 2 }).toBeGreaterThan(before + moment));
    await bridge.kill9();
    await Promise.all(told);
    halves += (await readdir(join(dir, '.incoming'))).length;
  }
  // So that the last life has something to do in any case.
  const last = await up();
  expect(await tell(url, 'S-last')).toBe(true);
  safe.push('S-last');
  const lacking = async () => {
    const known = new Set((await published()).map(({ subject }) => subject));
    return safe.filter((id) => !known.has(id));
  };
  await last.whileRunning(expect.poll(lacking, { timeout: 60_000 }).toEqual([]));
  await last.sigterm();

  for (const { subject, data } of await published()) {
    const [{ ref = '', sha256, length } = {}] = data.content;
    const bytes = await readFile(claimFile(dir, ref));
    expect(bytes).toEqual(contents.contentOf(subject, 'report'));
    expect([createHash('sha256').update(bytes).digest('hex'), bytes.length]).toEqual([sha256, length]);
  }
  // Whatever has the name of a content is that content, also where its event was never published by that life.
  const stored = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.pdf'));
  for (const name of stored) {
    const bytes = await readFile(join(dir, name));
    expect(name).toContain(createHash('sha256').update(bytes).digest('hex'));
  }
  expect(await readdir(join(dir, '.incoming'))).toEqual([]);
  console.log(
    `contents, ${kills} kills of the bridge (seed ${seed}): ${safe.length} answered 200, 0 lost, ${halves} half files left by kills and cleared away, ${asked()} downloads of ${stored.length} contents`,
  );
});
