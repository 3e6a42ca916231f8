import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { startBridge } from '../../support/bridge/start-bridge.ts';
import { watchVitals } from '../../support/bridge/vitals.ts';
import { makeHookHome } from '../../support/hooks/hook-home.ts';
import { post } from '../../support/hooks/listener.ts';
import { openRaw } from '../../support/hooks/raw-connection.ts';

const growthMiB = 20;
const head = 'POST /hooks/sample HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

async function openBridge(hooks: Readonly<Record<string, unknown>> = {}) {
  await using resources = new AsyncDisposableStack();
  const home = resources.use(await makeHookHome({ hooks }));
  const bridge = resources.use(startBridge(home.configFile));
  await bridge.logs(({ event }) => event === 'daemon.started');
  let sent = 0;
  const honest = async () => {
    sent++;
    const { status } = await post(home.url, JSON.stringify({ id: `${sent}`, key: `${sent % 10}` }));
    return status;
  };
  await expect.poll(honest).toBe(200);
  // What code and buffers need once is no growth.
  for (let at = 0; at < 200; at++) expect(await honest()).toBe(200);
  const opened = resources.move();
  return { home, bridge, honest, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** So many zeros, compressed. */
async function bomb(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  const zeros = Buffer.alloc(1024 ** 2);
  for (let left = bytes; left > 0; left -= zeros.length) {
    if (!gzip.write(zeros.subarray(0, Math.min(left, zeros.length)))) await once(gzip, 'drain');
  }
  gzip.end();
  await once(gzip, 'end');
  return Buffer.concat(chunks);
}

function growthOf({ samples }: ReturnType<typeof watchVitals>): number {
  const [first] = samples;
  return Math.max(...samples.map(({ rssMiB }) => rssMiB)) - (first?.rssMiB ?? 0);
}

describe('a bridge whose listener for webhooks is abused', () => {
  it('cuts 1,000 connections that send their requests byte by byte within 15 s, while honest requests flow', {
    timeout: 120_000,
  }, async () => {
    // Far fewer requests than there are slow ones.
    await using bridge = await openBridge({ maxRequests: 100 });
    const { port } = bridge.home;
    const slow = await Promise.all(Array.from({ length: 1_000 }, () => openRaw(port)));
    let dripping = true;
    const dripAll = async () => {
      // Half of them never come to the end of their headers, half never to that of their bodies.
      await Promise.all(
        slow.map((one, at) => one.write(at % 2 === 0 ? head : `${head}content-length: 100000\r\n\r\n{"id":"`)),
      );
      while (dripping) {
        await Promise.all(slow.map((one, at) => one.write(at % 2 === 0 ? 'x-y: z\r\n' : ' ')));
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    };
    const drip = dripAll();
    const statuses: number[] = [];
    const times: number[] = [];
    const allCut = Promise.all(slow.map(({ closed }) => closed)).finally(() => {
      dripping = false;
    });
    while (dripping) {
      const began = performance.now();
      statuses.push(await bridge.honest());
      times.push(performance.now() - began);
    }
    const cut = Math.max(...(await allCut));
    await drip;
    const slowest = Math.max(...times);
    console.log(
      `1,000 slow connections: the last one cut after ${(cut / 1_000).toFixed(1)} s; ${statuses.length} honest requests meanwhile, the slowest in ${slowest.toFixed(0)} ms`,
    );
    expect(cut).toBeLessThan(15_000);
    expect(statuses.length).toBeGreaterThan(100);
    expect(new Set(statuses)).toEqual(new Set([200]));
    for (const one of slow) one[Symbol.dispose]();
  });

  it(`refuses a body of 2 GiB in chunks, and grows by ${growthMiB} MiB at most`, { timeout: 120_000 }, async () => {
    await using bridge = await openBridge();
    using vitals = watchVitals(bridge.bridge.pid);
    const chunk = Buffer.from(`100000\r\n${'x'.repeat(1024 ** 2)}\r\n`);
    for (let round = 0; round < 5; round++) {
      using connection = await openRaw(bridge.home.port);
      await connection.write(`${head}transfer-encoding: chunked\r\n\r\n`);
      let over = false;
      void connection.closed.then(() => {
        over = true;
      });
      for (let left = 2 * 1024; left > 0 && !over; left--) await connection.write(chunk);
      await connection.closed;
      expect(over).toBe(true);
      const received = connection.received();
      if (received !== '') expect(received).toContain('HTTP/1.1 413');
    }
    expect(await bridge.honest()).toBe(200);
    const growth = growthOf(vitals);
    console.log(`5 bodies of 2 GiB in chunks refused; ${growth.toFixed(1)} MiB more than before`);
    expect(growth).toBeLessThanOrEqual(growthMiB);
  });

  it(`refuses gzip that unpacks to 200 MB, also ten at once, and grows by ${growthMiB} MiB at most`, {
    timeout: 120_000,
  }, async () => {
    await using bridge = await openBridge();
    const packed = new Uint8Array(await bomb(200_000_000));
    const send = async () => (await post(bridge.home.url, packed, { 'content-encoding': 'gzip' })).status;
    using vitals = watchVitals(bridge.bridge.pid);
    expect(await send()).toBe(413);
    expect(await Promise.all(Array.from({ length: 10 }, send))).toEqual(Array.from({ length: 10 }, () => 413));
    expect(await bridge.honest()).toBe(200);
    const growth = growthOf(vitals);
    console.log(`11 gzip bombs of 200 MB (${packed.length} bytes) refused; ${growth.toFixed(1)} MiB more than before`);
    expect(growth).toBeLessThanOrEqual(growthMiB);
  });
});
