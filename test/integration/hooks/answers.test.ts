import { randomBytes } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { receivedMark, traceMark } from '../../../src/core/record.ts';
import { Secret } from '../../../src/core/secret.ts';
import { openListener, post } from '../../support/hooks/listener.ts';
import { openRaw } from '../../support/hooks/raw-connection.ts';

const event = '{"id":"1"}';

describe('the listener for webhooks', () => {
  it('answers with the status of the pipeline when everything is safe, and not before', async () => {
    const gate = Promise.withResolvers<void>();
    await using hooks = await openListener({
      async fate() {
        await gate.promise;
        return { status: 'safe' };
      },
    });
    let answered = false;
    const answer = post(hooks.url, event).finally(() => {
      answered = true;
    });
    await expect.poll(() => hooks.records.length).toBe(1);
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    gate.resolve();
    const { status } = await answer;
    expect(status).toBe(202);
    expect(Buffer.from(hooks.records[0]?.bytes ?? []).toString()).toBe(event);
  });

  it.each([
    [503, '5', new BridgeError('ANSWER_TOO_LATE', 'late')],
    [503, '30', new BridgeError('SPOOL_FULL', 'full', { retryAfterMs: 29_500 })],
    [503, '5', new BridgeError('INTERNAL', 'a secret of ours')],
    [
      507,
      '5',
      new BridgeError('STATE_UNWRITABLE', 'full', { cause: Object.assign(new Error('x'), { code: 'ENOSPC' }) }),
    ],
    [507, '5', new BridgeError('STATE_UNWRITABLE', 'full', { cause: Object.assign(new Error('x'), { errcode: 13 }) })],
  ])(
    'answers %i and Retry-After %s for what is not safe, and tells nothing of itself',
    async (status, pause, error) => {
      await using hooks = await openListener({ fate: () => ({ status: 'unsafe', error }) });
      const answer = await post(hooks.url, event);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, pause]);
      const text = await answer.text();
      expect(text).not.toContain(error.message);
      expect(JSON.parse(text)).toMatchObject({ accepted: false });
    },
  );

  it('says 404, 405 and 415 for what it does not take, reads none of it, and counts it', async () => {
    await using hooks = await openListener();
    const other = hooks.url.replace('sample', 'other');
    expect((await post(other, event)).status).toBe(404);
    expect((await post(`${hooks.url}/more`, event)).status).toBe(404);
    const get = await fetch(hooks.url);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await post(hooks.url, event, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(hooks.url, event, { 'content-encoding': 'zip' })).status).toBe(415);
    expect(hooks.records).toEqual([]);
    expect(hooks.recorder.of('request.refused').map(({ status, subject }) => [status, subject])).toEqual([
      [404, 'hooks'],
      [405, 'sample/events'],
      [415, 'sample/events'],
      [415, 'sample/events'],
    ]);
  });

  it('answers 429 to what comes more often than the pipeline allows, and tells when to come again', async () => {
    await using hooks = await openListener({ arrival: { rate: { perSecond: 0.05, burst: 2 } } });
    const statuses = [];
    for (let at = 0; at < 3; at++) statuses.push((await post(hooks.url, event)).status);
    expect(statuses).toEqual([202, 202, 429]);
    const refused = await post(hooks.url, event);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(15);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(20);
    expect(hooks.records).toHaveLength(2);
    expect(hooks.recorder.of('request.refused').map(({ status, error }) => [status, error.code])).toContainEqual([
      429,
      'REQUEST_TOO_OFTEN',
    ]);
  });

  it('finds the path whatever the query, and passes both on', async () => {
    await using hooks = await openListener();
    expect((await post(`${hooks.url}?a=1&b=%2F`, event)).status).toBe(202);
    expect(hooks.taken[0]?.target).toBe('/hooks/sample?a=1&b=%2F');
  });

  it('takes a secret after the path only where one is asked for', async () => {
    const secret = 'a-long-secret-in-a-path';
    await using hooks = await openListener({
      arrival: { verification: { kind: 'path', secrets: [new Secret(secret)] } },
    });
    expect((await post(`${hooks.url}/${secret}`, event)).status).toBe(202);
    expect((await post(`${hooks.url}/${secret}x`, event)).status).toBe(401);
    expect((await post(hooks.url, event)).status).toBe(401);
    expect((await post(`${hooks.url}/${secret}/more`, event)).status).toBe(404);
  });

  it('verifies before it parses, and takes nothing of what is refused', async () => {
    await using hooks = await openListener({
      arrival: { verification: { kind: 'bearer', tokens: [new Secret('right')] } },
    });
    const refused = await post(hooks.url, event, { authorization: 'Bearer wrong' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('Bearer');
    expect((await post(hooks.url, event, { authorization: 'Bearer right' })).status).toBe(202);
    expect(hooks.taken).toHaveLength(1);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['identity', (body: Uint8Array) => body],
  ])('undoes the content coding %s', async (coding, encode) => {
    await using hooks = await openListener();
    const body = Buffer.from(JSON.stringify({ text: randomBytes(50_000).toString('hex') }));
    expect((await post(hooks.url, new Uint8Array(encode(body)), { 'content-encoding': coding })).status).toBe(202);
    expect(Buffer.from(hooks.records[0]?.bytes ?? [])).toEqual(body);
  });

  it('says 400 for a compressed body that is damaged, or is none', async () => {
    await using hooks = await openListener();
    const coded = { 'content-encoding': 'gzip' };
    expect((await post(hooks.url, new Uint8Array(gzipSync(event).subarray(0, 15)), coded)).status).toBe(400);
    expect((await post(hooks.url, event, coded)).status).toBe(400);
    expect(hooks.records).toEqual([]);
  });

  it('says 413 for a body above the limit, by its announced length, its bytes, and what it unpacks to', async () => {
    await using hooks = await openListener({ arrival: { maxBodyBytes: 1_000 } });
    const large = 'x'.repeat(1_001);
    expect((await post(hooks.url, 'x'.repeat(1_000))).status).toBe(202);
    const announced = await openRaw(hooks.port);
    const head = 'POST /hooks/sample HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    await announced.write(`${head}content-length: 1001\r\n\r\n`);
    await announced.closed;
    expect(announced.received()).toContain('HTTP/1.1 413');
    const chunked = await openRaw(hooks.port);
    await chunked.write(`${head}transfer-encoding: chunked\r\n\r\n3e9\r\n${large}\r\n`);
    await chunked.closed;
    expect(chunked.received()).toContain('HTTP/1.1 413');
    const packed = await post(hooks.url, new Uint8Array(gzipSync(large)), { 'content-encoding': 'gzip' });
    expect(packed.status).toBe(413);
  });

  it('answers 503 above its bounds of requests and of bytes, and takes more when there is room again', async () => {
    const gate = Promise.withResolvers<void>();
    await using hooks = await openListener({
      settings: { maxRequests: 3, maxBytes: 2_000 },
      async fate() {
        await gate.promise;
        return { status: 'safe' };
      },
    });
    const held = [post(hooks.url, 'x'.repeat(1_500))];
    await expect.poll(() => hooks.records.length).toBe(1);
    expect((await post(hooks.url, 'y'.repeat(1_000))).status).toBe(503);
    held.push(post(hooks.url, '1'), post(hooks.url, '2'));
    await expect.poll(() => hooks.records.length).toBe(3);
    const refused = await post(hooks.url, '3');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    gate.resolve();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([202, 202, 202]);
    expect((await post(hooks.url, '3')).status).toBe(202);
  });

  it('closes connections above its bound at once, and serves those that it has', async () => {
    await using hooks = await openListener({ settings: { maxConnections: 2 } });
    using first = await openRaw(hooks.port);
    using second = await openRaw(hooks.port);
    using third = await openRaw(hooks.port);
    expect(await third.closed).toBeLessThan(2_000);
    for (const connection of [first, second]) {
      const head = 'POST /hooks/sample HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
      await connection.write(`${head}content-length: ${event.length}\r\n\r\n${event}`);
      await expect.poll(() => connection.received()).toContain('HTTP/1.1 202');
    }
  });

  it('refuses a request that says its length in two ways, and takes nothing of what it may hide', async () => {
    await using hooks = await openListener();
    using connection = await openRaw(hooks.port);
    const head = 'POST /hooks/sample HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    const hidden = `${head}content-length: ${event.length}\r\n\r\n${event}`;
    await connection.write(
      `${head}content-length: ${hidden.length + 5}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    );
    await connection.closed;
    expect(connection.received()).toMatch(/^HTTP\/1\.1 400/);
    expect(hooks.records).toEqual([]);
  });

  it('keeps the connection of a sender whose short body it does not want, and closes it for a long one', async () => {
    await using hooks = await openListener({
      arrival: { verification: { kind: 'bearer', tokens: [new Secret('right')] } },
    });
    const head = (path: string, length: number) =>
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer right\r\ncontent-length: ${length}\r\n\r\n`;
    const answers = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
    using short = await openRaw(hooks.port);
    await short.write(`${head('/hooks/none', event.length)}${event}${head('/hooks/sample', event.length)}${event}`);
    await expect.poll(() => answers(short.received())).toEqual(['404', '202']);
    using long = await openRaw(hooks.port);
    await long.write(head('/hooks/none', 10_000_000));
    await long.closed;
    expect(answers(long.received())).toEqual(['404']);
  });

  it('takes over the request id and the trace of the sender, where they are any', async () => {
    await using hooks = await openListener();
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const known = await post(hooks.url, event, { 'x-request-id': 'their-id-1', traceparent: trace });
    expect(known.headers.get('x-request-id')).toBe('their-id-1');
    const none = await post(hooks.url, '2', { 'x-request-id': 'not one', traceparent: '00-0-0-0' });
    expect(none.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    const [first, second] = hooks.records.map(({ headers }) => headers);
    expect(first?.[traceMark]).toBe(trace);
    expect(second?.[traceMark]).toBeUndefined();
    expect(Math.abs(Date.now() - Date.parse(first?.[receivedMark] ?? ''))).toBeLessThan(10_000);
  });

  it('believes a proxy that it trusts, and nobody else', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.7, 198.51.100.2' };
    await using open = await openListener();
    await post(open.url, event, forwarded);
    expect(open.taken[0]?.remoteAddress).toBe('127.0.0.1');
    await using behind = await openListener({ settings: { trustedProxies: ['127.0.0.0/8', '198.51.100.2'] } });
    await post(behind.url, event, forwarded);
    expect(behind.taken[0]?.remoteAddress).toBe('203.0.113.7');
  });

  it('answers 503 for a path that has just gone, takes it again at once, and closes with its last path', async () => {
    await using hooks = await openListener();
    const { address } = hooks.listener;
    const second = await hooks.listener.register({
      feed: 'other/events',
      arrival: {
        kind: 'webhook',
        path: '/hooks/other',
        verification: { kind: 'nobody' },
        challenges: [],
        mediaTypes: ['*'],
        maxBodyBytes: 1,
        answer: { status: 200, withinMs: 1 },
        keepHeaders: [],
        records: () => [],
      },
      intake: { accept: async () => ({ status: 'safe' }) },
    });
    const url = hooks.url.replace('sample', 'other');
    expect((await post(url, '1')).status).toBe(200);
    await second[Symbol.asyncDispose]();
    expect((await post(url, '1')).status).toBe(503);
    expect(hooks.listener.address).toBe(address);
    await hooks[Symbol.asyncDispose]();
    expect(hooks.listener.address).toBeUndefined();
  });

  it('says what it is asked about itself, before verification', async () => {
    await using hooks = await openListener({
      arrival: {
        verification: { kind: 'bearer', tokens: [new Secret('right')] },
        challenges: [{ kind: 'echo', parameter: 'challenge' }],
      },
    });
    const echo = await fetch(`${hooks.url}?challenge=abc`);
    expect([echo.status, await echo.text()]).toEqual([200, 'abc']);
  });

  it.each(['GET / HTTP/9.9\r\n\r\n', 'nonsense\r\n\r\n', 'POST /hooks/sample HTTP/1.1\r\n\r\n', '\0\0\0\0\r\n\r\n'])(
    'refuses what is no request: %j',
    async (text) => {
      await using hooks = await openListener();
      using connection = await openRaw(hooks.port);
      await connection.write(text);
      await connection.closed;
      expect(connection.received()).toMatch(/^HTTP\/1\.1 4\d\d/);
      expect((await post(hooks.url, event)).status).toBe(202);
    },
  );
});
