import { describe, expect, it } from 'vitest';
import type { FeedDefinition } from '../../src/core/connector.ts';
import { encodeStructured } from '../../src/core/envelope.ts';
import type { RawRecord } from '../../src/core/record.ts';
import type { SampleRecord } from '../../test/conformance/connector/definition.ts';
import { requestOf } from '../../test/conformance/connector/webhook.ts';
import { connectorConformance } from '../../test/conformance/connector.ts';
import { answer, fixture, goldenJson, recordOf } from './fixtures/read.ts';
import { fenergo } from './index.ts';

const webhook = { path: '/hooks/fenergo', verify: { preset: 'fenergo', keys: ['hush-hush'] } };
const from = {
  connector: 'fenergo',
  baseUrl: 'https://api.example.com',
  headers: { 'x-tenant-id': 'bded51d4-598e-4079-9cf6-43e74144b415' },
  feeds: ['journey', 'entitydata'],
  delivery: 'webhook',
  webhook,
};

const sample = (name: string, becomes: SampleRecord['becomes']): SampleRecord => ({
  name,
  record: recordOf(fixture(`records/${name}.body`)),
  becomes,
});
const { batchid: _, ...golden } = goldenJson('task-completed') as Readonly<Record<string, unknown>>;

const promises = connectorConformance({
  connector: fenergo,
  from,
  records: [sample('task-completed', 'event'), sample('without-id', 'RECORD_WITHOUT_ID')],
  goldenEvents: [
    {
      name: 'a completed task',
      record: recordOf(fixture('records/task-completed.body')),
      context: { batchId: undefined, index: 0 },
      envelope: golden,
    },
  ],
  goldenDeadLetters: [],
});

describe('fenergo by webhook keeps the promises of a connector', () => {
  for (const { name, run } of promises) it(name, run);
});

function feedsOf(settings: object): readonly FeedDefinition[] {
  return fenergo.feeds(fenergo.config.parse({ ...from, ...settings }));
}

function sent(feed: FeedDefinition | undefined, body: Uint8Array | string): readonly RawRecord[] {
  if (feed?.arrival.kind !== 'webhook') throw new Error('it is not sent to');
  return feed.arrival.records(requestOf(body));
}

function encoded(feed: FeedDefinition | undefined, record: RawRecord | undefined, batchId: string | undefined): string {
  const [outcome] = feed && record ? feed.normalise(record, { batchId, index: 0 }) : [];
  if (outcome?.kind !== 'event') throw new Error(`it became ${outcome?.kind}`);
  return encodeStructured(outcome.envelope).toString();
}

describe('fenergo by webhook', () => {
  it('has a path for each feed, and the names of polled ones', () => {
    expect(feedsOf({}).map(({ name, arrival }) => [name, arrival.kind === 'webhook' && arrival.path])).toEqual([
      ['journey', '/hooks/fenergo/journey'],
      ['entitydata', '/hooks/fenergo/entitydata'],
    ]);
  });

  it('has, with both, a feed of its own beside each polled one', () => {
    expect(feedsOf({ delivery: 'both' }).map(({ name, arrival }) => [name, arrival.kind])).toEqual([
      ['journey', 'poll'],
      ['journey-webhook', 'webhook'],
      ['entitydata', 'poll'],
      ['entitydata-webhook', 'webhook'],
    ]);
  });

  it('registers each feed for itself', () => {
    const register = {
      baseUrl: 'https://api.example.com/webhooks',
      create: { path: 'v1/webhooks', body: { name: 'ferry {feed}', url: '{callback}', eventTypes: ['{feed}:*'] } },
      id: '/data/id',
      find: { path: 'v1/webhooks?name={feed}', items: '/data', callback: '/url', id: '/id' },
    };
    const created = feedsOf({ webhook: { ...webhook, register } }).map(({ arrival }) =>
      arrival.kind === 'webhook' ? [arrival.registration?.create.body, arrival.registration?.find?.path] : [],
    );
    expect(created).toEqual(
      ['journey', 'entitydata'].map((feed) => [
        { name: `ferry ${feed}`, url: '{callback}', eventTypes: [`${feed}:*`] },
        `v1/webhooks?name=${feed}`,
      ]),
    );
  });

  it('makes, with both, the same event of a notification, byte for byte, by either way', () => {
    const [polled, hooked] = feedsOf({ delivery: 'both' });
    if (polled?.arrival.kind !== 'poll') throw new Error('it is not polled');
    const next = polled.arrival.protocol.readNext(answer(200, fixture('batches/documented.body')));
    const [record] = next.kind === 'batch' ? next.batch.records : [];
    if (record === undefined) throw new Error('no record');
    const byPoll = encoded(polled, record, '1642925639481');
    expect(encoded(hooked, sent(hooked, record.bytes)[0], undefined)).toBe(byPoll);
    expect(polled.source).toBe(hooked?.source);
  });

  it('takes a notification, a list, and a batch as polling gives it', () => {
    const [feed] = feedsOf({});
    const one = fixture('records/task-completed.body').toString();
    expect(sent(feed, one).map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([one]);
    expect(sent(feed, `[${one},${one}]`)).toHaveLength(2);
    expect(sent(feed, `{"batchId":"7","notifications":[${one}, {"id":"2"}]}`)).toHaveLength(2);
    expect(sent(feed, '{"notifications":')).toHaveLength(1);
    expect(sent(feed, '{"notifications":[]}')).toEqual([]);
  });
});
