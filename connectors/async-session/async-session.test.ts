import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FeedDefinition } from '../../src/core/connector.ts';
import { type Attributes, encodeStructured } from '../../src/core/envelope.ts';
import type { RawRecord } from '../../src/core/record.ts';
import type { SampleRecord } from '../../test/conformance/connector/definition.ts';
import { requestOf } from '../../test/conformance/connector/webhook.ts';
import { connectorConformance } from '../../test/conformance/connector.ts';
import { contentsOf } from '../../test/support/contents/fetched-event.ts';
import { fixturesOf } from '../../test/support/fixtures/records.ts';
import { asyncSession } from './index.ts';

const fixtures = fixturesOf(join(import.meta.dirname, 'fixtures'));
const from = {
  connector: 'async-session',
  account: 'acme',
  path: '/hooks/sessions',
  verify: { bearer: ['hush-hush'] },
};

const becomes: Readonly<Record<string, SampleRecord['becomes']>> = {
  empty: 'RECORD_MALFORMED',
  'not-json': 'RECORD_MALFORMED',
  'not-utf8': 'RECORD_NOT_UTF8',
  'status-is-null': 'RECORD_INVALID',
  'without-session': 'RECORD_INVALID',
  'without-status': 'RECORD_INVALID',
};

const promises = connectorConformance({
  connector: asyncSession,
  from,
  records: fixtures.names.map((name) => ({
    name,
    record: fixtures.record(name),
    becomes: becomes[name] ?? ('event' as const),
  })),
  goldenEvents: ['json-data-ready', 'report-ready', 'all-done', 'failed', 'unknown-status'].map((name) => ({
    name,
    record: fixtures.record(name),
    context: { batchId: undefined, index: 0 },
    envelope: fixtures.golden(name),
  })),
  goldenDeadLetters: [],
});

describe('async-session keeps the promises of a connector', () => {
  for (const { name, run } of promises) it(name, run);
});

function feedOf(settings: object = {}): FeedDefinition {
  const [feed] = asyncSession.feeds(asyncSession.config.parse({ ...from, ...settings }));
  if (feed === undefined) throw new Error('no feed');
  return feed;
}

function attributesOf(feed: FeedDefinition, record: RawRecord): Attributes {
  const [outcome] = feed.normalise(record, { batchId: undefined, index: 0 });
  if (outcome?.kind !== 'event') throw new Error(`it became ${outcome?.kind}`);
  return outcome.envelope.attributes;
}

describe('webhooks of sessions', () => {
  it('are answered 200 unless told otherwise, and are events whose ids name states', () => {
    expect(feedOf().arrival).toMatchObject({ answer: { status: 200, withinMs: 8_000 } });
    expect(feedOf().ids).toBe('state');
  });

  it('have the id of their session and status, whatever else is in them', () => {
    const record = fixtures.record('all-done');
    const spaced = { ...record, bytes: Buffer.from('{ "status": "AllDone", "sessionId": "S-42", "extra": 1 }') };
    expect(attributesOf(feedOf(), spaced).id).toBe(attributesOf(feedOf(), record).id);
    expect(attributesOf(feedOf({ account: 'other' }), record).id).not.toBe(attributesOf(feedOf(), record).id);
  });

  it('stay in order for each session, of which no digit is lost', () => {
    expect(attributesOf(feedOf(), fixtures.record('number-as-session'))).toMatchObject({
      subject: '12345678901234567890',
      partitionkey: '12345678901234567890',
    });
  });

  it('are read where the settings say', () => {
    const feed = feedOf({
      fields: { sessionId: '/session/id', status: 'session.state', correlationid: '/ref', time: '/at' },
    });
    const body = '{"session":{"id":"S-1","state":"AllDone"},"ref":"R-9","at":"2026-01-02T03:04:05Z"}';
    expect(attributesOf(feed, { ...fixtures.record('all-done'), bytes: Buffer.from(body) })).toMatchObject({
      subject: 'S-1',
      type: 'dev.feedferry.asyncsession.alldone',
      correlationid: 'R-9',
      time: '2026-01-02T03:04:05Z',
    });
  });

  it('are several events where the body is an array', () => {
    const { arrival, normalise } = feedOf();
    if (arrival.kind !== 'webhook') throw new Error('it is no webhook');
    const statuses = ['JsonDataReady', 'ReportReady', 'AllDone'];
    const body = JSON.stringify(statuses.map((status) => ({ sessionId: 'S-1', status })));
    const outcomes = arrival
      .records(requestOf(body))
      .flatMap((record, index) => normalise(record, { batchId: undefined, index }));
    expect(outcomes).toMatchObject(
      statuses.map((status) => ({
        envelope: { attributes: { type: `dev.feedferry.asyncsession.${status.toLowerCase()}` } },
      })),
    );
  });
});

describe('what sessions have made', () => {
  const baseUrl = 'https://api.example.com';
  const store = { dir: 'claims' };
  const atTheEnd = { json: { on: ['AllDone'], inline: false }, report: { on: ['AllDone'] } };

  it.each([
    ['report-ready', 'report-ready-with-report', {}],
    ['json-data-ready', 'json-data-ready-with-json', {}],
    ['all-done', 'all-done-with-both', atTheEnd],
    ['failed', 'failed-without-content', {}],
  ])('with %s gives the golden event %s', async (record, golden, settings) => {
    const feed = feedOf({ download: { baseUrl, store, ...settings } });
    const envelope = await contentsOf(join(import.meta.dirname, 'fixtures'), feed, fixtures.record(record));
    expect(JSON.parse(encodeStructured(envelope).toString())).toEqual(fixtures.golden(golden));
  });

  it('and what was told of them stay byte for byte as they came', async () => {
    const feed = feedOf({ download: { baseUrl, store } });
    const record = {
      ...fixtures.record('json-data-ready'),
      bytes: Buffer.from('{ "status":"JsonDataReady", "sessionId": "S-42" }'),
    };
    const envelope = await contentsOf(join(import.meta.dirname, 'fixtures'), feed, record);
    const data = Buffer.from(envelope.data.bytes).toString();
    expect(data).toContain('{"record":{ "status":"JsonDataReady", "sessionId": "S-42" },');
    expect(data).toContain('"data":{ "total": 12345678901234567890.50, "lines": [1.0] }}');
  });

  it.each([
    [{ json: false, report: false }, 'expected json or report to be fetched'],
    [{ report: { path: 'reports/all' } }, 'expected a path below baseUrl with {sessionId} in it'],
    [{ report: { path: '/sessions/{sessionId}' } }, 'no slash at the beginning'],
    [{ report: { mediaTypes: ['pdf'] } }, 'expected a media type such as application/pdf'],
    [{ json: { inline: '1MiB' } }, 'expected at most 512KiB'],
  ])('are not fetched as %j says', (settings, words) => {
    const parsed = asyncSession.config.safeParse({ ...from, download: { baseUrl, store, ...settings } });
    expect(JSON.stringify(parsed.error?.issues)).toContain(words);
  });
});
