import { expect, onTestFinished, test } from 'vitest';
import { closedPort } from '../../support/closed-port.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy/fault-proxy.ts';
import { dial, type EchoServer, type Side, startEchoServer } from './echo-server.ts';

/** Patient with a machine that is busy. */
function eventually<Value>(look: () => Value) {
  return expect.poll(look, { timeout: 10_000 });
}

async function startEchoBehindProxy(options = {}): Promise<{ echo: EchoServer; proxy: FaultProxy }> {
  const echo = await startEchoServer(options);
  const proxy = await startFaultProxy(echo.address);
  onTestFinished(async () => {
    await proxy.stop();
    await echo[Symbol.asyncDispose]();
  });
  return { echo, proxy };
}

/** Connected on both sides. */
async function dialThrough({ echo, proxy }: { echo: EchoServer; proxy: FaultProxy }) {
  const before = echo.sides.length;
  const client = await dial(proxy.port);
  onTestFinished(() => client[Symbol.dispose]());
  await eventually(() => echo.sides.length).toBe(before + 1);
  return { client, server: echo.sides[before] as Side };
}

async function expectEcho({ socket, received }: Side, text: string): Promise<void> {
  const before = received();
  socket.write(text);
  await eventually(received).toBe(before + text);
}

/** Whatever was on its way by the time of the call has arrived when it resolves: what follows it has. */
async function expectNothingOnTheWay({ address }: EchoServer): Promise<void> {
  const other = await startFaultProxy(address);
  try {
    using client = await dial(other.port);
    for (const text of ['one', 'two', 'three']) await expectEcho(client, text);
  } finally {
    await other.stop();
  }
}

test('passes everything on, in order, both ways', async () => {
  const { client } = await dialThrough(await startEchoBehindProxy());
  const numbers = Array.from({ length: 1_000_000 }, (_, number) => number).join();
  await expectEcho(client, numbers);
});

test('passes the end on, and the answer that comes after it', async () => {
  const { client, server } = await dialThrough(await startEchoBehindProxy());
  client.socket.end('last words');
  await eventually(client.ending).toBe('ended');
  expect([client.received(), server.ending()]).toEqual(['last words', 'ended']);
});

test('passes on that a side has broken off', async () => {
  const ends = await startEchoBehindProxy();
  const one = await dialThrough(ends);
  one.client.socket.resetAndDestroy();
  await eventually(one.server.ending).toBe('ECONNRESET');
  const other = await dialThrough(ends);
  other.server.socket.resetAndDestroy();
  await eventually(other.client.ending).toBe('ECONNRESET');
  await eventually(ends.proxy.connections).toBe(0);
});

test('breaks off when there is no target', async () => {
  const proxy = await startFaultProxy(`127.0.0.1:${await closedPort()}`);
  using client = await dial(proxy.port);
  await eventually(client.ending).toBe('ECONNRESET');
  await proxy.stop();
});

test('a reader that does not read stops the writer, and next to nothing is kept', async () => {
  const { client, server } = await dialThrough(await startEchoBehindProxy({ deaf: true }));
  const mebibyte = Buffer.alloc(2 ** 20, 'x');
  const mebibytes = 128;
  for (let sent = 0; sent < mebibytes; sent++) client.socket.write(mebibyte);
  let before = 0;
  const stalled = () => {
    const left = client.socket.writableLength;
    const same = left === before;
    before = left;
    return same;
  };
  await expect.poll(stalled, { interval: 200, timeout: 10_000 }).toBe(true);
  // The rest is in the sockets of the system, which take some MiB each.
  expect(before).toBeGreaterThan(64 * 2 ** 20);
  server.socket.resume();
  await eventually(() => server.socket.bytesRead).toBe(mebibytes * 2 ** 20);
});

test('cut ends the connections there are, from both sides', async () => {
  const ends = await startEchoBehindProxy();
  const { client, server } = await dialThrough(ends);
  await expectEcho(client, 'before');
  ends.proxy.cut();
  await eventually(() => [client.ending(), server.ending()]).toEqual(['ended', 'ended']);
  client.socket.end('into the void');
  await eventually(ends.proxy.connections).toBe(0);
  expect(server.received()).toBe('before');
  await expectEcho((await dialThrough(ends)).client, 'after');
});

test('reset breaks the connections off that there are, to both sides', async () => {
  const ends = await startEchoBehindProxy();
  const { client, server } = await dialThrough(ends);
  await expectEcho(client, 'before');
  ends.proxy.reset();
  await eventually(() => [client.ending(), server.ending()]).toEqual(['ECONNRESET', 'ECONNRESET']);
  await eventually(ends.proxy.connections).toBe(0);
  await expectEcho((await dialThrough(ends)).client, 'after');
});

test('passes on that a side is gone for which answers have waited', async () => {
  const ends = await startEchoBehindProxy();
  const { client, server } = await dialThrough(ends);
  await expectEcho(client, 'before');
  ends.proxy.halfBlackhole();
  client.socket.write('x'.repeat(100_000));
  await eventually(() => server.received().length).toBe(100_006);
  client.socket.resetAndDestroy();
  await ends.proxy.heal();
  await eventually(ends.proxy.connections).toBe(0);
});

test('reset leaves none that is just being cut', async () => {
  const ends = await startEchoBehindProxy();
  const { client } = await dialThrough(ends);
  await expectEcho(client, 'before');
  ends.proxy.cut();
  ends.proxy.reset();
  await eventually(ends.proxy.connections).toBe(0);
});

test('a black hole takes connections and passes nothing; what waited goes on its way when healed', async () => {
  const ends = await startEchoBehindProxy();
  const old = await dialThrough(ends);
  await expectEcho(old.client, 'before');
  ends.proxy.blackhole();
  const fresh = await dialThrough(ends);
  for (const { client, server } of [old, fresh]) {
    client.socket.write('up');
    server.socket.write('down');
  }
  await expectNothingOnTheWay(ends.echo);
  expect([old.server, old.client, fresh.server, fresh.client].map((side) => side.received())).toEqual([
    'before',
    'before',
    '',
    '',
  ]);
  expect(ends.proxy.connections()).toBe(2);
  await ends.proxy.heal();
  await eventually(fresh.client.received).toBe('downup');
  await eventually(old.client.received).toBe('beforedownup');
});

test('a black hole keeps it to itself that a side is gone; what it had sent still arrives when healed', async () => {
  const ends = await startEchoBehindProxy();
  const ended = await dialThrough(ends);
  const broken = await dialThrough(ends);
  ends.proxy.blackhole();
  ended.client.socket.write('last words');
  ended.client.socket.destroySoon();
  broken.client.socket.resetAndDestroy();
  await expectNothingOnTheWay(ends.echo);
  expect([ended.server.ending(), broken.server.ending()]).toEqual(['open', 'open']);
  await ends.proxy.heal();
  await eventually(() => [ended.server.ending(), broken.server.ending()]).toEqual(['ended', 'ECONNRESET']);
  expect(ended.server.received()).toBe('last words');
  await eventually(ends.proxy.connections).toBe(0);
});

test('half a black hole lets requests through and keeps the answers until healed', async () => {
  const ends = await startEchoBehindProxy();
  const old = await dialThrough(ends);
  ends.proxy.halfBlackhole();
  const fresh = await dialThrough(ends);
  for (const { client, server } of [old, fresh]) {
    client.socket.write('request');
    await eventually(server.received).toBe('request');
  }
  await expectNothingOnTheWay(ends.echo);
  expect([old.client.received(), fresh.client.received()]).toEqual(['', '']);
  await ends.proxy.heal();
  await eventually(() => [old.client.received(), fresh.client.received()]).toEqual(['request', 'request']);
});

test('throttle slows down what is open and what is new, until healed', async () => {
  const ends = await startEchoBehindProxy();
  const old = await dialThrough(ends);
  ends.proxy.throttle(40_000);
  const fresh = await dialThrough(ends);
  const startedAt = performance.now();
  await Promise.all([old, fresh].map(({ client }) => expectEcho(client, 'x'.repeat(20_000))));
  expect(performance.now() - startedAt).toBeGreaterThan(400);
  ends.proxy.throttle(10);
  old.client.socket.write('y'.repeat(1_000_000));
  await eventually(old.server.received).toMatch(/y$/);
  await ends.proxy.heal();
  await eventually(() => old.client.received().length).toBe(1_020_000);
});

test('slice breaks what is sent into tiny writes, whole and in order', async () => {
  const ends = await startEchoBehindProxy();
  const old = await dialThrough(ends);
  ends.proxy.slice(2);
  const text = Array.from({ length: 100 }, (_, number) => number).join();
  for (const { client, server } of [old, await dialThrough(ends)]) {
    await expectEcho(client, text);
    // Two may meet in the system.
    expect(server.pieces()).toBeGreaterThan(text.length / 8);
    expect(client.pieces()).toBeGreaterThan(text.length / 8);
  }
});

test('refuse accepts no new connection and leaves those there are, until healed', async () => {
  const ends = await startEchoBehindProxy();
  const { client } = await dialThrough(ends);
  ends.proxy.refuse();
  await expect(dial(ends.proxy.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expectEcho(client, 'still there');
  await ends.proxy.heal();
  await expectEcho((await dialThrough(ends)).client, 'again');
});

test('leaves nothing behind when it is stopped, whatever it was doing', async () => {
  const inUse = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length;
  const atFirst = inUse();
  const faults = ['blackhole', 'halfBlackhole', 'refuse', 'cut', 'heal'] as const;
  for (const fault of faults) {
    const echo = await startEchoServer();
    const proxy = await startFaultProxy(echo.address);
    const { client } = await dialThrough({ echo, proxy });
    await proxy[fault]();
    proxy.throttle(1);
    client.socket.write('on its way');
    await proxy.stop();
    expect(proxy.connections()).toBe(0);
    client[Symbol.dispose]();
    await echo[Symbol.asyncDispose]();
  }
  await eventually(inUse).toBeLessThanOrEqual(atFirst);
});
