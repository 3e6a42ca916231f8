import { describe, expect, it } from 'vitest';
import type { FeedDefinition } from '../../src/core/connector.ts';
import type { Attributes } from '../../src/core/envelope.ts';
import type { SampleRecord } from '../../test/conformance/connector/definition.ts';
import { connectorConformance } from '../../test/conformance/connector.ts';
import { answer, fixture, fixtureNames, goldenJson, recordOf } from './fixtures/read.ts';
import { fenergo } from './index.ts';

const tenant = 'bded51d4-598e-4079-9cf6-43e74144b415';
const from = {
  connector: 'fenergo',
  baseUrl: 'https://api.example.com',
  auth: { oauth2: { tokenUrl: 'https://id.example.com/token', clientId: 'ferry', clientSecret: 'hush-hush' } },
  headers: { 'X-Tenant-Id': tenant },
  feeds: ['journey', 'entitydata'],
  eventTypes: ['journey:*', 'entitydata:*'],
};

/** What each file in fixtures/records becomes, where it is no event. */
const becomes: Readonly<Record<string, SampleRecord['becomes']>> = {
  array: 'RECORD_MALFORMED',
  empty: 'RECORD_MALFORMED',
  'empty-id': 'RECORD_WITHOUT_ID',
  'encoded-surrogate': 'RECORD_NOT_UTF8',
  'event-type-of-another-kind': 'RECORD_INVALID',
  'id-only-in-prototype': 'RECORD_WITHOUT_ID',
  'id-with-control-character': 'RECORD_INVALID',
  'not-json': 'RECORD_MALFORMED',
  'not-utf8': 'RECORD_NOT_UTF8',
  null: 'RECORD_MALFORMED',
  'number-as-id': 'RECORD_WITHOUT_ID',
  text: 'RECORD_MALFORMED',
  'truncated-utf8': 'RECORD_NOT_UTF8',
  'without-event-type': 'RECORD_INVALID',
  'without-id': 'RECORD_WITHOUT_ID',
};

function bytesOf(name: string): Buffer {
  return fixture(`records/${name}.body`);
}

const golden = { batchId: '1642925639481', index: 3 };
const promises = connectorConformance({
  connector: fenergo,
  from,
  records: [
    ...fixtureNames('records').map((name) => ({
      name,
      record: recordOf(bytesOf(name)),
      becomes: becomes[name] ?? ('event' as const),
    })),
    {
      name: 'another-event-type',
      record: recordOf(Buffer.from('{"id":"1","eventType":"screening:completed"}')),
      becomes: 'filtered',
    },
  ],
  goldenEvents: [
    {
      name: 'a completed task',
      record: recordOf(bytesOf('task-completed')),
      context: { ...golden, index: 0 },
      envelope: goldenJson('task-completed'),
    },
  ],
  goldenDeadLetters: [
    {
      name: 'a notification without id',
      record: recordOf(bytesOf('without-id')),
      context: golden,
      envelope: goldenJson('dead-letter'),
    },
  ],
});

describe('fenergo keeps the promises of a connector', () => {
  for (const { name, run } of promises) it(name, run);
});

function journey(settings: object = {}): FeedDefinition {
  const parsed = fenergo.config.parse({
    connector: 'fenergo',
    baseUrl: 'https://api.example.com:8443/base',
    feeds: ['journey'],
    ...settings,
  });
  const [feed] = fenergo.feeds(parsed);
  if (feed === undefined) throw new Error('no feed');
  return feed;
}

function attributesOf(feed: FeedDefinition, record: string | Buffer, headers = {}): Attributes {
  const [outcome] = feed.normalise(recordOf(Buffer.from(record), headers), golden);
  if (outcome?.kind !== 'event') throw new Error(`it became ${outcome?.kind}`);
  return outcome.envelope.attributes;
}

describe('events of fenergo', () => {
  const minimal = '{"id":"1","eventType":"journey:x"}';

  it('takes the tenant of the record before that of its batch, and that before the header’s', () => {
    const configured = journey({ headers: { 'x-tenant-id': 'header' } });
    const own = '{"id":"1","eventType":"journey:x","tenantId":"own"}';
    const read = (record: string, headers = {}): readonly unknown[] => {
      const { source, tenantid } = attributesOf(configured, record, headers);
      return [source, tenantid];
    };
    expect(read(own, { 'x-tenant-id': 'batch' })).toEqual(['/fenergo/own/journey', 'own']);
    expect(read(minimal, { 'x-tenant-id': 'batch' })).toEqual(['/fenergo/batch/journey', 'batch']);
    expect(read(minimal)).toEqual(['/fenergo/header/journey', 'header']);
  });

  it('names the host in the source where no tenant is known', () => {
    expect(journey().source).toBe('/fenergo/api.example.com:8443/journey');
    expect(attributesOf(journey(), minimal)).toMatchObject({ source: '/fenergo/api.example.com:8443/journey' });
    expect(attributesOf(journey(), minimal)).not.toHaveProperty('tenantid');
  });

  it('hands the tenant of a batch to its records', () => {
    const { arrival, normalise } = journey();
    if (arrival.kind !== 'poll') throw new Error('it is not polled');
    const next = arrival.protocol.readNext(answer(200, fixture('batches/with-tenant.body')));
    const records = next.kind === 'batch' ? next.batch.records : [];
    const sources = records.map((record, index) => normalise(record, { batchId: '77', index })[0]);
    expect(sources).toMatchObject([
      { envelope: { attributes: { source: '/fenergo/of-the-batch/journey' } } },
      { envelope: { attributes: { source: '/fenergo/own/journey' } } },
    ]);
  });

  it('leaves out what is absent, and a `when` that is no timestamp', () => {
    const attributes = attributesOf(journey(), bytesOf('nulls-and-empty-texts'));
    const names = ['specversion', 'id', 'source', 'type', 'datacontenttype', 'partitionkey', 'batchid'];
    expect(Object.keys(attributes)).toEqual(names);
    expect(attributesOf(journey(), bytesOf('when-is-no-timestamp'))).not.toHaveProperty('time');
  });

  it('lower-cases the type below the prefix, with dots for colons and dashes for spaces', () => {
    const record = '{"id":"1","eventType":"Journey:Task Completed:V2"}';
    expect(attributesOf(journey({ typePrefix: 'com.Example' }), record).type).toBe(
      'com.Example.journey.task-completed.v2',
    );
  });

  it('partitions by entity when told so: the first UUID in relativeUrl, else the source', () => {
    const feed = journey({ partitionBy: 'entity' });
    expect(attributesOf(feed, bytesOf('task-completed')).partitionkey).toBe('165dcd7a-0912-4577-81d6-dbad57dd8d9a');
    expect(attributesOf(feed, minimal).partitionkey).toBe(feed.source);
    const upperCase = '{"id":"1","eventType":"x","relativeUrl":"a/165DCD7A-0912-4577-81D6-DBAD57DD8D9A/b"}';
    expect(attributesOf(feed, upperCase).partitionkey).toBe('165dcd7a-0912-4577-81d6-dbad57dd8d9a');
  });

  it('filters by event type, case-sensitively, before anything else can make a record poison', () => {
    const feed = journey({ eventTypes: ['journey:task*', 'entitydata:*'] });
    const kindOf = (record: string): unknown => feed.normalise(recordOf(Buffer.from(record)), golden)[0];
    expect(kindOf('{"id":"1","eventType":"journey:taskcompleted"}')).toMatchObject({ kind: 'event' });
    expect(kindOf('{"id":"1","eventType":"Journey:taskcompleted"}')).toEqual({ kind: 'filtered', step: 'eventTypes' });
    expect(kindOf('{"eventType":"journey:stagecompleted"}')).toEqual({ kind: 'filtered', step: 'eventTypes' });
    expect(kindOf('{"id":"1"}')).toMatchObject({ kind: 'poison', error: { code: 'RECORD_INVALID' } });
  });
});
