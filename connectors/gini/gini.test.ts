import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FeedDefinition } from '../../src/core/connector.ts';
import type { StreamArrival } from '../../src/core/stream.ts';
import type { SampleRecord } from '../../test/conformance/connector/definition.ts';
import { connectorConformance } from '../../test/conformance/connector.ts';
import { fixturesOf } from '../../test/support/fixtures/records.ts';
import { gini } from './index.ts';

const fixtures = fixturesOf(join(import.meta.dirname, 'fixtures'));
const from = { connector: 'gini', account: 'acme', auth: { bearer: 'hush-hush' } };

const becomes: Readonly<Record<string, SampleRecord['becomes']>> = {
  array: 'RECORD_MALFORMED',
  empty: 'RECORD_MALFORMED',
  'not-json': 'RECORD_MALFORMED',
  'not-utf8': 'RECORD_NOT_UTF8',
  'control-character': 'RECORD_INVALID',
  'number-as-document': 'RECORD_INVALID',
  'prototype-key': 'RECORD_INVALID',
  'without-document': 'RECORD_INVALID',
  'without-status': 'RECORD_INVALID',
};

const promises = connectorConformance({
  connector: gini,
  from,
  records: fixtures.names.map((name) => ({
    name,
    record: fixtures.record(name),
    becomes: becomes[name] ?? ('event' as const),
  })),
  goldenEvents: [
    {
      name: 'completed',
      record: fixtures.record('completed'),
      context: { batchId: undefined, index: 0 },
      envelope: fixtures.golden('completed'),
    },
  ],
  goldenDeadLetters: [],
});

describe('gini keeps the promises of a connector', () => {
  for (const { name, run } of promises) it(name, run);
});

function feedOf(settings: object = {}): FeedDefinition & { readonly arrival: StreamArrival } {
  const [feed] = gini.feeds(gini.config.parse({ ...from, ...settings }));
  if (feed?.arrival.kind !== 'sse') throw new Error('it is no stream');
  return { ...feed, arrival: feed.arrival };
}

describe('documents of Gini', () => {
  it.each([
    ['pending', 'net.gini.document.pending', 'pending'],
    ['error', 'net.gini.document.error', 'error'],
    ['unknown-status', 'net.gini.document.on-hold', 'ok'],
  ])('%s', (name, type, outcome) => {
    const [made] = feedOf().normalise(fixtures.record(name), { batchId: undefined, index: 0 });
    expect(made).toMatchObject({ kind: 'event', envelope: { attributes: { type, outcome } } });
  });

  it('are asked for below the base URL, with an id that names a state', () => {
    expect(feedOf()).toMatchObject({
      ids: 'state',
      source: '/gini/acme',
      arrival: {
        path: 'events/client',
        tokenPlace: { kind: 'header', scheme: 'BEARER' },
        idleMs: 90_000,
        retryMs: { min: 1_000, max: 60_000 },
        endpoint: { baseUrl: 'https://notifications.gini.net' },
      },
    });
  });

  it('need a token where it is to be in the query', () => {
    const parsed = gini.config.safeParse({ connector: 'gini', account: 'acme', tokenIn: 'query' });
    expect(parsed.error?.issues.map(({ path }) => path)).toEqual([['tokenIn']]);
  });
});

describe('errors in the place of events', () => {
  const { refusal } = feedOf().arrival;

  it.each([
    ['auth_failed', { word: 'auth_failed', treat: 'auth' }],
    ['"auth_required"', { word: 'auth_required', treat: 'auth' }],
    ['{"error": "not_accepted"}', { word: 'not_accepted', treat: 'fatal' }],
    ['{"error": {"code": "auth_failed"}}', { word: 'auth_failed', treat: 'auth' }],
    ['{"message": "auth_failed", "status": 401}', { word: 'auth_failed', treat: 'auth' }],
  ])('are found: %s', (text, found) => {
    expect(refusal(text)).toEqual(found);
  });

  it.each([
    '',
    'auth_failed again',
    'xauth_failed',
    '{"documentId": "auth_failed", "status": "COMPLETED"}',
    '{"error": "it was auth_failed"}',
    '{"a": {"b": "auth_failed"}}',
    '["auth_failed"]',
    '{"error": "auth_failed"',
    'toString',
  ])('are nothing else: %s', (text) => {
    expect(refusal(text)).toBeUndefined();
  });
});

describe('the document API', () => {
  const reconcile = (settings: object) => {
    const found = feedOf({ reconcile: { baseUrl: 'https://api.gini.net', ...settings } }).arrival.reconcile;
    if (found === undefined) throw new Error('there is none');
    return found;
  };
  const gap = { from: new Date('2026-11-22T10:15:30.250Z'), to: new Date('2026-11-22T10:15:41.007Z') };
  const answer = (body: unknown, status = 200) => ({
    status,
    headers: {},
    body: Buffer.from(JSON.stringify(body)),
    receivedAt: gap.to,
  });

  it('is asked by the template', () => {
    const path = 'v2/docs?a={from}&b={to}';
    expect(reconcile({ path }).request(gap).path).toBe(
      'v2/docs?a=2026-11-22T10%3A15%3A30.250Z&b=2026-11-22T10%3A15%3A41.007Z',
    );
  });

  it('is read where the settings say, and tells what the stream would have told', () => {
    const { read, subject } = reconcile({ items: '/found', id: '/uuid', status: '$uppercase(state)' });
    const found = read(answer({ found: [{ uuid: 'd-1', state: 'completed' }, { uuid: 'd-2' }, null, 7] }));
    expect(found.map((bytes) => Buffer.from(bytes).toString())).toEqual(['{"documentId":"d-1","status":"COMPLETED"}']);
    expect(found.map(subject)).toEqual(['d-1']);
    expect(subject(Buffer.from('no json'))).toBeUndefined();
  });

  it('is not believed when it has no list, or no success', () => {
    const { read } = reconcile({});
    expect(() => read(answer({ documents: {} }))).toThrow('has no list at /documents');
    expect(() => read(answer({}, 503))).toThrow('answered 503');
  });
});
