import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import { type RawRecord, receivedMark, traceMark } from '../../../src/core/record.ts';
import { createWebhookSource, type WebhookFeed } from '../../../src/sources/webhook/webhook-source.ts';
import { createRecorder } from '../../support/recorder.ts';

const { signal } = new AbortController();

function record(body: string, headers: Readonly<Record<string, string>> = {}): RawRecord {
  return { bytes: Buffer.from(body), mediaType: 'application/json', headers, receivedAt: new Date() };
}

function opened(bound: WebhookFeed['bound'] = { batches: 10, bytes: 1_000 }) {
  const recorder = createRecorder();
  const source = createWebhookSource({ feed: 'sample/feed', bound, report: recorder.report });
  const stop = new AbortController();
  const batches = source.batches(stop.signal)[Symbol.asyncIterator]();
  const first = batches.next();
  let taken = false;

  async function next(): Promise<Batch> {
    const { value, done } = await (taken ? batches.next() : first);
    taken = true;
    if (done) throw new Error('the source has ended');
    return value;
  }
  const accept = (body: string, withinMs = 8_000, headers = {}) =>
    source.accept([record(body, headers)], Date.now() + withinMs);
  return { source, recorder, stop, next, accept };
}

const codeOf = async (accepting: ReturnType<ReturnType<typeof opened>['accept']>) => {
  const accepted = await accepting;
  return accepted.status === 'safe' ? 'safe' : accepted.error.code;
};

describe('a webhook source', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells a sender that its request is safe when its batch is acked, whatever the order', async () => {
    const { next, accept } = opened();
    const [one, other] = [accept('1'), accept('2')];
    const [first, second] = [await next(), await next()];
    await second.ack(signal);
    expect(await codeOf(other)).toBe('safe');
    await first.ack(signal);
    expect(await codeOf(one)).toBe('safe');
  });

  it('hands on why a batch was given back', async () => {
    const { next, accept } = opened();
    const sent = accept('1');
    await (await next()).nack(new BridgeError('SPOOL_FULL', 'full'));
    expect(await codeOf(sent)).toBe('SPOOL_FULL');
  });

  it('gives each batch the deadline of its sender', async () => {
    const { next, accept } = opened();
    void accept('1', 3_000);
    expect((await next()).deadline).toBe(Date.now() + 3_000);
  });

  it('answers at the deadline, and reports what has become of it later', async () => {
    const { next, accept, recorder } = opened();
    const sent = accept('1', 1_000);
    const batch = await next();
    await vi.advanceTimersByTimeAsync(1_200);
    expect(await codeOf(sent)).toBe('ANSWER_TOO_LATE');
    expect(recorder.of('request.settled-late')).toEqual([]);
    await batch.ack(signal);
    expect(recorder.of('request.settled-late')).toMatchObject([{ safe: true }]);
  });

  it('says why it was too late, where whoever has it gives it back at its deadline with a reason', async () => {
    const { next, accept } = opened();
    const sent = accept('1', 1_000);
    const batch = await next();
    const cause = new BridgeError('LOG_UNWRITABLE', 'the disk is full');
    setTimeout(() => void batch.nack(new BridgeError('ANSWER_TOO_LATE', 'too late', { cause })), 1_100);
    await vi.advanceTimersByTimeAsync(1_200);
    expect(await sent).toMatchObject({ error: { code: 'ANSWER_TOO_LATE', cause: { code: 'LOG_UNWRITABLE' } } });
  });

  it('gives what a new run accepts to that run alone, whatever becomes of the one before it', async () => {
    const { source, next, accept, stop } = opened();
    void accept('1');
    await next();
    stop.abort();
    const later = source.batches(new AbortController().signal)[Symbol.asyncIterator]();
    const taken = later.next();
    const sent = accept('2');
    await expect(next()).rejects.toThrow('the source has ended');
    const { value, done } = await taken;
    if (done) throw new Error('the new run has ended');
    await value.ack(signal);
    expect(await codeOf(sent)).toBe('safe');
  });

  it('lets what is sent again while it is in hand join it, and share its fate', async () => {
    const { next, accept } = opened();
    const sent = [accept('1'), accept('1'), accept('1', 8_000, { [receivedMark]: 'later', [traceMark]: 'another' })];
    const batch = await next();
    const other = accept('2');
    const second = await next();
    expect(Buffer.from(second.records[0]?.bytes ?? []).toString()).toBe('2');
    await batch.ack(signal);
    expect(await Promise.all(sent.map(codeOf))).toEqual(['safe', 'safe', 'safe']);
    await second.ack(signal);
    expect(await codeOf(other)).toBe('safe');
  });

  it('lets a repeat join what was too late for the first one', async () => {
    const { next, accept } = opened();
    const first = accept('1', 1_000);
    const batch = await next();
    await vi.advanceTimersByTimeAsync(1_200);
    expect(await codeOf(first)).toBe('ANSWER_TOO_LATE');
    const again = accept('1', 8_000);
    await batch.ack(signal);
    expect(await codeOf(again)).toBe('safe');
  });

  it.each([
    ['bytes', record('2')],
    ['a header that is kept', record('1', { 'x-topic': 'other' })],
    ['a media type', { ...record('1'), mediaType: 'text/plain' }],
  ])('takes what differs in %s for something else', async (_, other) => {
    const { source, next, accept } = opened();
    void accept('1');
    void source.accept([other], Date.now() + 8_000);
    const batches = [await next(), await next()];
    expect(batches).toHaveLength(2);
  });

  it('takes records that are cut in another way for something else', async () => {
    const { source, next } = opened();
    void source.accept([record('ab'), record('c')], Date.now() + 8_000);
    void source.accept([record('a'), record('bc')], Date.now() + 8_000);
    expect([await next(), await next()]).toHaveLength(2);
  });

  it('takes it again once it is settled', async () => {
    const { next, accept } = opened();
    const sent = accept('1');
    await (await next()).ack(signal);
    expect(await codeOf(sent)).toBe('safe');
    const again = accept('1');
    await (await next()).ack(signal);
    expect(await codeOf(again)).toBe('safe');
  });

  it('refuses more than its bounds, and takes more when something is settled; one request alone may be larger', async () => {
    const { next, accept } = opened({ batches: 2, bytes: 10 });
    const large = accept('a body of many bytes');
    expect(await codeOf(accept('1'))).toBe('HOOK_OVERLOADED');
    await (await next()).ack(signal);
    expect(await codeOf(large)).toBe('safe');
    const [one, other] = [accept('1'), accept('2')];
    expect(await codeOf(accept('3'))).toBe('HOOK_OVERLOADED');
    for (const batch of [await next(), await next()]) await batch.ack(signal);
    expect([await codeOf(one), await codeOf(other)]).toEqual(['safe', 'safe']);
  });

  it('holds what is only observed against its bounds, so that a broker that hangs costs no more than them', async () => {
    const { next, accept } = opened({ batches: 1, bytes: 1_000 });
    const sent = accept('1', 1_000);
    const batch = await next();
    await vi.advanceTimersByTimeAsync(1_200);
    expect(await codeOf(sent)).toBe('ANSWER_TOO_LATE');
    expect(await codeOf(accept('2'))).toBe('HOOK_OVERLOADED');
    await batch.nack(new BridgeError('ANSWER_TOO_LATE', 'late'));
    void accept('2');
    expect((await next()).bytes).toBe(1);
  });

  it('refuses everything while it is not asked for batches', async () => {
    const source = createWebhookSource({ feed: 'a/b', bound: { batches: 1, bytes: 1 }, report: () => {} });
    expect(await codeOf(source.accept([record('1')], Date.now() + 8_000))).toBe('HOOK_CLOSED');
  });

  it('refuses what it has not given out when it is stopped, and lets the rest come to its end', async () => {
    const { next, accept, stop } = opened();
    const [given, waiting] = [accept('1'), accept('2')];
    const batch = await next();
    stop.abort();
    expect(await codeOf(waiting)).toBe('HOOK_CLOSED');
    expect(await codeOf(accept('3'))).toBe('HOOK_CLOSED');
    await batch.ack(signal);
    expect(await codeOf(given)).toBe('safe');
  });

  it('keeps no timer when nothing is in hand', async () => {
    const { next, accept } = opened();
    const sent = Array.from({ length: 10 }, (_, at) => accept(`${at}`));
    for (const _ of sent) await (await next()).ack(signal);
    await Promise.all(sent);
    expect(vi.getTimerCount()).toBe(0);
  });
});
