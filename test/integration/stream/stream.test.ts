import { describe, expect, test } from 'vitest';
import { startStreamServer } from '../../../connectors/sse/simulator/stream-server.ts';
import { refusingSinkType } from '../../support/refusing-sink.ts';
import { startStreamedBridge } from '../../support/stream/streamed-bridge.ts';
import { createWorkplace } from '../../support/workplace.ts';

const patience = { timeout: 15_000, interval: 30 };
const timeout = 40_000;

function from(origin: string, more: object = {}): object {
  return {
    connector: 'sse',
    account: 'acme',
    baseUrl: origin,
    path: 'events',
    retry: { min: '10ms', max: '200ms' },
    event: { id: '/body/id', type: '"com.example." & event', subject: '/body/id', partitionkey: '/body/key' },
    ...more,
  };
}

const body = (id: number | string) => JSON.stringify({ id: String(id), key: 'k' });
const numbers = (count: number, first = 1) => Array.from({ length: count }, (_, at) => String(first + at));

describe('a stream of server-sent events', { timeout }, () => {
  test('is published in order, with the data as it came', async () => {
    await using server = await startStreamServer();
    await using bridge = await startStreamedBridge({ from: from(server.origin) });
    await server.connected(1);
    server.send('{ "id": "a",  "key": "k", "big": 12345678901234567890 }', 'added');
    for (const number of numbers(200)) server.send(body(number));
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(201);
    const [first, ...others] = await bridge.stored();
    expect(first).toMatchObject({ id: 'a', type: 'com.example.added', source: '/sse/acme', partitionkey: 'k' });
    expect(others.map(({ id }) => id)).toEqual(numbers(200));
    expect(others[0]?.type).toBe('com.example.message');
    expect(server.requests[0]).toMatchObject({ accept: 'text/event-stream', lastEventId: undefined });
    expect(await bridge.ready()).toBe(200);
  });

  test.each([
    ['in single bytes, with line feeds', 1, '\n'],
    ['in pieces of 3 bytes, with carriage returns', 3, '\r'],
    ['in pieces of 5 bytes, with both', 5, '\r\n'],
  ] as const)('is read whatever its chunks are: %s', async (_name, pieceBytes, lineEnd) => {
    await using server = await startStreamServer({ pieceBytes, lineEnd });
    await using bridge = await startStreamedBridge({ from: from(server.origin) });
    await server.connected(1);
    const texts = ['€uro', '漢字', '👩‍👩‍👧', 'line\\nbreak'];
    for (const [at, text] of texts.entries()) server.send(`{"id":"${at}","key":"${text}"}`);
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(texts.length);
    expect((await bridge.stored()).map(({ partitionkey }) => partitionkey)).toEqual([
      '€uro',
      '漢字',
      '👩‍👩‍👧',
      '/sse/acme',
    ]);
  });

  test('goes on where it was safe after each break, and each is told of as a gap', async () => {
    await using server = await startStreamServer();
    await using bridge = await startStreamedBridge({ from: from(server.origin) });
    await server.connected(1);
    server.send(body(1));
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(1);
    server.fail({ kind: 'cut' }, { kind: 'end', after: 2 });
    server.cutAll();
    await server.asked(2);
    // In the midst of the second one it breaks off again; the third connection ends after two events.
    server.send(body(2));
    await server.asked(3);
    server.send(body(3));
    server.send(body(4));
    await server.asked(4);
    server.send(body(5));
    await expect.poll(async () => (await bridge.stored()).map(({ id }) => id), patience).toEqual(numbers(5));
    expect(server.requests.map(({ lastEventId }) => lastEventId)).toEqual([undefined, '1', '1', '3']);
    await expect.poll(async () => (await bridge.told()).length, patience).toBeGreaterThanOrEqual(2);
    const [gap] = await bridge.told();
    expect(gap).toMatchObject({
      source: '/feedferry/sse/acme',
      type: 'dev.feedferry.gap',
      subject: '/sse/acme',
      data: { reason: 'connection-lost', reconciled: false },
    });
    const { from: begin = '', to = '' } = (gap?.data ?? {}) as Record<string, string>;
    expect(Date.parse(to)).toBeGreaterThanOrEqual(Date.parse(begin));
  });

  test('is asked for what follows the last safe event after a restart, and nothing is published twice', async () => {
    await using workplace = await createWorkplace();
    await using server = await startStreamServer();
    {
      await using bridge = await startStreamedBridge({ from: from(server.origin), workplace });
      await server.connected(1);
      for (const number of numbers(20)) server.send(body(number));
      await expect.poll(async () => (await bridge.stored()).length, patience).toBe(20);
    }
    for (const number of numbers(20, 21)) server.send(body(number));
    await using bridge = await startStreamedBridge({ from: from(server.origin), workplace });
    await expect.poll(async () => (await bridge.stored()).map(({ id }) => id), patience).toEqual(numbers(40));
    expect(server.requests.at(-1)?.lastEventId).toBe('20');
    await expect
      .poll(async () => (await bridge.told()).map(({ data }) => data), patience)
      .toMatchObject([{ reason: 'stopped' }]);
  });

  test('that is silent for too long counts as dead; comments keep it alive', async () => {
    await using server = await startStreamServer({ heartbeatMs: 50 });
    await using bridge = await startStreamedBridge({ from: from(server.origin, { idleTimeout: '400ms' }) });
    await server.connected(1);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(server.requests).toHaveLength(1);
    server.silence();
    await server.asked(2);
    await expect
      .poll(async () => (await bridge.told()).map(({ data }) => data), patience)
      .toMatchObject([{ reason: 'idle-timeout' }]);
  });

  test('is held back by the socket while the spool is full, and nothing of it is lost', async () => {
    let isDown = true;
    await using server = await startStreamServer();
    await using bridge = await startStreamedBridge({
      from: from(server.origin),
      state: { spool: { maxBytes: '1MiB' } },
      sinkType: refusingSinkType({ isDown: () => isDown }),
    });
    await server.connected(1);
    const padding = 'x'.repeat(8 * 1024);
    for (const number of numbers(300)) server.send(`{"id":"${number}","key":"k","padding":"${padding}"}`);
    await expect
      .poll(() => bridge.recorder.of('attempt.failed').some(({ error }) => error.code === 'SPOOL_FULL'), patience)
      .toBe(true);
    const { feeds } = await bridge.operations.spool();
    expect(feeds[0]?.bytes).toBeLessThanOrEqual(1024 ** 2);
    const read = bridge.recorder.of('batch.fetched').reduce((sum, { records }) => sum + records, 0);
    expect(read).toBeLessThan(200);
    isDown = false;
    await expect.poll(async () => (await bridge.stored()).length, { ...patience, timeout: 35_000 }).toBe(300);
    expect((await bridge.stored()).map(({ id }) => id)).toEqual(numbers(300));
    expect(server.requests).toHaveLength(1);
  });

  test('with one event of bad bytes: that one is a dead letter, with its bytes', async () => {
    await using server = await startStreamServer();
    await using bridge = await startStreamedBridge({ from: from(server.origin) });
    await server.connected(1);
    server.send(body(1));
    server.sendRaw(Buffer.concat([Buffer.from('data: {"id":"'), Buffer.from([0xff]), Buffer.from('"}\n\n')]));
    server.sendRaw(Buffer.concat([Buffer.from('event: '), Buffer.from([0xc3]), Buffer.from(`\ndata: ${body(7)}\n\n`)]));
    server.send(body(2));
    await expect.poll(async () => (await bridge.stored()).map(({ id }) => id), patience).toEqual(['1', '2']);
    const letters = await bridge.operations.deadLetters({ limit: 10 });
    expect(letters.map(({ code }) => code)).toEqual(['RECORD_NOT_UTF8', 'RECORD_NOT_UTF8']);
    expect(Buffer.from(letters[0]?.record.bytes ?? []).includes(0xff)).toBe(true);
  });

  test('with a line of 100 MB: memory stays bounded, its beginning is a dead letter, and the stream goes on', async () => {
    await using server = await startStreamServer();
    server.fail({ kind: 'endless', bytes: 100 * 1024 ** 2 });
    const before = process.memoryUsage().rss;
    await using bridge = await startStreamedBridge({ from: from(server.origin) });
    await server.asked(2);
    await server.connected(1);
    server.send(body(1));
    await expect.poll(async () => (await bridge.stored()).map(({ id }) => id), patience).toEqual(['1']);
    const letters = await bridge.operations.deadLetters({ limit: 10 });
    expect(letters.map(({ code }) => code)).toEqual(['STREAM_EVENT_TOO_LARGE']);
    expect(letters[0]?.record.bytes.length).toBe(16 * 1024);
    expect((process.memoryUsage().rss - before) / 1024 ** 2).toBeLessThan(100);
  });

  test('that is none is not read: status, media type, and what the log says of it', async () => {
    await using server = await startStreamServer();
    server.fail({ kind: 'status', status: 503 }, { kind: 'web-page' });
    await using bridge = await startStreamedBridge({ from: from(server.origin) });
    await server.connected(1);
    server.send(body(1));
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(1);
    expect(bridge.recorder.of('attempt.failed').map(({ error }) => error.code)).toEqual([
      'UPSTREAM_ERROR',
      'STREAM_UNFIT',
    ]);
  });

  test('that answers 204 or 404 halts the feed', async () => {
    for (const status of [204, 404]) {
      await using server = await startStreamServer();
      server.fail({ kind: 'status', status });
      await using bridge = await startStreamedBridge({ from: from(server.origin) });
      await bridge.recorder.seen('feed.halted');
      expect(await bridge.ready()).toBe(503);
    }
  });

  test.each([
    ['more', 100_000, { min: '10ms', max: '800ms' }],
    ['less', 5, { min: '800ms', max: '10s' }],
  ])('that asks for %s than the bounds of retry is asked again after what they allow', async (_what, asked, retry) => {
    await using server = await startStreamServer();
    await using bridge = await startStreamedBridge({ from: from(server.origin, { retry }) });
    await server.connected(1);
    server.sendRaw(Buffer.from(`retry: ${asked}\n\n`));
    server.send(body(1));
    await expect.poll(async () => (await bridge.stored()).length, patience).toBe(1);
    server.cutAll();
    await bridge.recorder.seen('attempt.failed');
    await server.asked(2);
    const [failed] = bridge.recorder.of('attempt.failed');
    expect(failed?.delayMs).toBeGreaterThanOrEqual(800);
    expect(failed?.delayMs).toBeLessThan(1_000);
  });

  test('is not let go of while its pipeline is replaced: no gap, nothing lost, nothing doubled', async () => {
    await using server = await startStreamServer({ ids: false });
    const settings = (account: string) => from(server.origin, { account, event: digested });
    const digested = { id: '/body/id', type: '"com.example.x"', partitionkey: '/body/key' };
    await using bridge = await startStreamedBridge({ from: settings('acme') });
    await server.connected(1);
    let sent = 0;
    const timer = setInterval(() => {
      sent += 1;
      server.send(body(sent));
    }, 2);
    try {
      for (const account of ['two', 'three', 'acme']) {
        const before = server.requests.length;
        await bridge.reload(settings(account));
        await server.asked(before + 1);
        await expect.poll(() => server.open, patience).toBe(1);
      }
    } finally {
      clearInterval(timer);
    }
    await expect.poll(async () => (await bridge.stored()).at(-1)?.id, patience).toBe(String(sent));
    const stored = (await bridge.stored()).map(({ id }) => id);
    expect([...new Set(stored)]).toEqual(numbers(sent));
    expect(stored).toHaveLength(sent);
    expect(await bridge.told()).toEqual([]);
  });

  test('that is left behind, and that nobody takes, is closed', async () => {
    const { createHandover } = await import('../../../src/sources/sse/handover.ts');
    await using handover = createHandover(20);
    const closed = Promise.withResolvers<void>();
    handover.leave('a/b', { arrived: [], ended: closed.promise, close: () => closed.resolve() });
    await closed.promise;
    await expect.poll(() => handover.take('a/b')).toBeUndefined();
  });
});
