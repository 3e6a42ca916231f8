import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { openHealthListener } from '../../../src/http/health.ts';
import type { Listener } from '../../../src/http/listener.ts';
import { createFeedReports, type FeedReports, type SpoolReading } from '../../../src/telemetry/feed-report.ts';

const feed = 'fenergo/journey';
const address = { host: '127.0.0.1', port: 0 };
const error = new BridgeError('UPSTREAM_ERROR', 'answered 503');

let reports: FeedReports;
let notReady: string[];
/** What the spool says of the first feed; undefined: it is not spooled. */
let spool: SpoolReading | undefined;
let listener: Listener;

beforeEach(async () => {
  reports = createFeedReports([feed, 'fenergo/document', 'tickets/all'], () => 1_000);
  notReady = [];
  spool = undefined;
  listener = await openHealthListener({
    address,
    ready: async () => notReady,
    reports: () => reports.all().map((report) => (spool && report.feed === feed ? { ...report, spool } : report)),
    now: () => 61_000,
  });
});

afterEach(() => listener[Symbol.asyncDispose]());

async function get(path: string, method = 'GET') {
  const response = await fetch(`http://${listener.address}${path}`, { method });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

function fail(times: number): void {
  for (let attempt = 1; attempt <= times; attempt += 1) {
    reports.report({ event: 'attempt.failed', subject: feed, activity: 'next', error, attempt, delayMs: 1 });
  }
}

describe('the health listener', () => {
  it('says that the process lives, whatever else is wrong', async () => {
    notReady = ['the state cannot be written'];
    fail(9);
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/livez', 'HEAD')).status).toBe(200);
  });

  it('is ready while an upstream is down', async () => {
    fail(9);
    expect(await get('/readyz')).toEqual({ status: 200, body: { ready: true, reasons: [] } });
  });

  it('is not ready while work cannot be accepted, and says why', async () => {
    notReady = ['the state cannot be written'];
    expect(await get('/readyz')).toEqual({ status: 503, body: { ready: false, reasons: notReady } });
  });

  it('is strict about a pipeline: three failures in a row are too many, two are not', async () => {
    fail(2);
    expect((await get('/readyz/fenergo')).status).toBe(200);
    fail(3);
    const { status, body } = await get('/readyz/fenergo');
    expect(status).toBe(503);
    expect(body.reasons).toEqual(['fenergo/journey failed 3 times in a row: UPSTREAM_ERROR answered 503']);
    expect((await get('/readyz/tickets')).status).toBe(200);
  });

  it('is strict about credentials that are refused: once is enough', async () => {
    const refused = new BridgeError('AUTH_REFUSED', 'the stream answered auth_failed');
    const [subject, activity] = [feed, 'next'] as const;
    reports.report({ event: 'attempt.failed', subject, activity, error: refused, attempt: 1, delayMs: 1 });
    const { status, body } = await get('/readyz/fenergo');
    expect(status).toBe(503);
    expect(body.reasons[0]).toContain('AUTH_REFUSED the stream answered auth_failed');
  });

  it.each(['paused', 'halted'] as const)('is strict about a pipeline with a %s feed', async (state) => {
    reports.report(
      state === 'paused' ? { event: 'feed.paused', feed } : { event: 'feed.halted', feed, error, probeMs: 1 },
    );
    const { status, body } = await get('/readyz/fenergo');
    expect(status).toBe(503);
    expect(body.reasons[0]).toContain(`fenergo/journey is ${state}`);
  });

  it('does not know pipelines that are not there', async () => {
    expect((await get('/readyz/fen')).status).toBe(404);
    expect((await get('/readyz/__proto__')).status).toBe(404);
  });

  it('tells what is so per feed, with 200 also when degraded', async () => {
    reports.report({ event: 'batch.fetched', feed, batchId: '1', records: 10, bytes: 1 });
    fail(3);
    const { status, body } = await get('/healthz');
    expect(status).toBe(200);
    expect(body.status).toBe('degraded');
    expect(body.feeds[feed]).toMatchObject({
      status: 'degraded',
      state: 'running',
      lastContactAt: '1970-01-01T00:00:01.000Z',
      oldestUnconfirmedSeconds: 60,
      failuresInARow: 3,
      lastError: { code: 'UPSTREAM_ERROR', message: 'answered 503' },
      counts: { fetched: 1 },
    });
    expect(body.feeds['tickets/all'].status).toBe('ok');
  });

  describe('of a feed that is spooled', () => {
    const waiting: SpoolReading = {
      records: 30,
      bytes: 4_096,
      oldestSince: 1_000,
      gaps: 2,
      totalBytes: 8_192,
      maxBytes: 1_048_576,
      timeToFullMs: 90_400,
      refusing: null,
    };

    it('says what waits, what was lost, and when the spool will be full', async () => {
      spool = waiting;
      const { oldestSince: _since, timeToFullMs: _ms, ...same } = waiting;
      expect((await get('/healthz')).body.feeds[feed]).toMatchObject({
        status: 'ok',
        spool: { ...same, oldestSeconds: 60, timeToFullSeconds: 90 },
      });
      spool = { ...waiting, timeToFullMs: null };
      expect((await get('/healthz')).body.feeds[feed].spool.timeToFullSeconds).toBeNull();
    });

    it.each([
      ['full', 'the spool takes no more of fenergo/journey: it is full'],
      ['disk', 'the spool takes no more of fenergo/journey: its disk cannot be written'],
    ] as const)('calls it degraded while the spool refuses records: %s', async (refusing, reason) => {
      spool = { ...waiting, refusing };
      const { body } = await get('/healthz');
      expect(body.feeds[feed]).toMatchObject({ status: 'degraded', reasons: [reason], spool: { refusing } });
      expect((await get('/readyz/fenergo')).status).toBe(503);
    });
  });

  it('gives no control', async () => {
    for (const path of ['/livez', '/healthz', '/api/v1/cursors', `/api/v1/feeds/${feed}/pause`]) {
      expect((await get(path, 'POST')).status).toBe(404);
    }
    expect((await get('/api/v1/cursors')).status).toBe(404);
  });

  it('says which port is taken when it cannot be opened', async () => {
    const port = Number(listener.address.split(':')[1]);
    const second = openHealthListener({ address: { ...address, port }, ready: async () => [], reports: () => [] });
    await expect(second).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringContaining(String(port)),
    });
  });
});
