import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FeedDefinition } from '../../src/core/connector.ts';
import type { Attributes } from '../../src/core/envelope.ts';
import type { RawRecord } from '../../src/core/record.ts';
import type { SampleRecord } from '../../test/conformance/connector/definition.ts';
import { requestOf } from '../../test/conformance/connector/webhook.ts';
import { connectorConformance } from '../../test/conformance/connector.ts';
import { fixturesOf } from '../../test/support/fixtures/records.ts';
import { os1 } from './index.ts';

const fixtures = fixturesOf(join(import.meta.dirname, 'fixtures'));
const from = {
  connector: 'os1',
  account: 'acme',
  path: '/hooks/os1',
  verify: { header: 'x-os1-signature', algorithm: 'sha256', encoding: 'hex', keys: ['hush-new', 'hush-old'] },
  fields: {
    eventType: '/eventType',
    service: '/service',
    subject: '/data/id',
    partitionkey: '/data/id',
    correlationid: '/requestId',
  },
  outcome: { error: 'data.status = "FAILED"' },
  answer: { status: 202, within: '8s' },
};

const becomes: Readonly<Record<string, SampleRecord['becomes']>> = {
  array: 'RECORD_MALFORMED',
  empty: 'RECORD_MALFORMED',
  'event-type-is-an-object': 'RECORD_INVALID',
  'lone-surrogate-in-type': 'RECORD_INVALID',
  'not-json': 'RECORD_MALFORMED',
  'not-utf8': 'RECORD_NOT_UTF8',
  null: 'RECORD_MALFORMED',
  'service-with-control-character': 'RECORD_INVALID',
  text: 'RECORD_MALFORMED',
  truncated: 'RECORD_MALFORMED',
  'without-event-type': 'RECORD_INVALID',
  'without-service': 'RECORD_INVALID',
};

const promises = connectorConformance({
  connector: os1,
  from,
  records: fixtures.names.map((name) => ({
    name,
    record: fixtures.record(name),
    becomes: becomes[name] ?? ('event' as const),
  })),
  goldenEvents: [
    {
      name: 'a container was created',
      record: fixtures.record('container-created'),
      context: { batchId: undefined, index: 0 },
      envelope: fixtures.golden('container-created'),
    },
  ],
  goldenDeadLetters: [],
});

describe('os1 keeps the promises of a connector', () => {
  for (const { name, run } of promises) it(name, run);
});

function feedOf(settings: object = {}): FeedDefinition {
  const [feed] = os1.feeds(os1.config.parse({ ...from, ...settings }));
  if (feed === undefined) throw new Error('no feed');
  return feed;
}

function attributesOf(feed: FeedDefinition, record: RawRecord): Attributes {
  const [outcome] = feed.normalise(record, { batchId: undefined, index: 0 });
  if (outcome?.kind !== 'event') throw new Error(`it became ${outcome?.kind}`);
  return outcome.envelope.attributes;
}

describe('callbacks of OS1', () => {
  it('are answered 202 unless told otherwise, and are events whose ids name states', () => {
    const { arrival, ids } = feedOf({ answer: undefined, fields: undefined });
    expect(arrival).toMatchObject({ kind: 'webhook', path: '/hooks/os1', answer: { status: 202, withinMs: 8_000 } });
    expect(ids).toBe('state');
  });

  it('have the same id when they come again, and another one when a byte differs', () => {
    const record = fixtures.record('container-created');
    const feed = feedOf();
    const again = { ...record, receivedAt: new Date(0) };
    const other = { ...record, bytes: Buffer.concat([record.bytes, Buffer.from('\n')]) };
    expect(attributesOf(feed, again).id).toBe(attributesOf(feed, record).id);
    expect(attributesOf(feed, other).id).not.toBe(attributesOf(feed, record).id);
  });

  it('have a field as id only where the settings name one', () => {
    const feed = feedOf({ fields: { id: '/requestId' } });
    expect(feed.ids).toBe('event');
    expect(attributesOf(feed, fixtures.record('container-created')).id).toBe('req-7f3a');
    expect(feed.normalise(fixtures.record('minimal'), { batchId: undefined, index: 4 })).toMatchObject([
      { kind: 'poison', error: { code: 'RECORD_WITHOUT_ID', message: 'event 4 has no id: /requestId gives none' } },
    ]);
  });

  it('say when a request has failed, by the condition of the settings', () => {
    const failed = fixtures.record('container-failed');
    expect(attributesOf(feedOf(), failed)).toMatchObject({
      type: 'com.delhivery.os1.container.create-failed',
      outcome: 'error',
    });
    expect(attributesOf(feedOf({ outcome: undefined }), failed).outcome).toBe('ok');
    const outcome = { pending: '$contains(eventType, "Tentative")' };
    expect(attributesOf(feedOf({ outcome }), fixtures.record('entity-tentative')).outcome).toBe('pending');
  });

  it('keep every digit of a number that becomes subject and partition key', () => {
    expect(attributesOf(feedOf(), fixtures.record('entity-tentative'))).toMatchObject({
      subject: '9007199254740993',
      partitionkey: '9007199254740993',
    });
  });

  it('have the source as partition key where nothing names one', () => {
    expect(attributesOf(feedOf(), fixtures.record('nulls'))).toMatchObject({ partitionkey: '/os1/acme' });
    expect(attributesOf(feedOf(), fixtures.record('nulls'))).not.toHaveProperty('subject');
    expect(attributesOf(feedOf(), fixtures.record('nulls'))).not.toHaveProperty('correlationid');
  });

  it('are several events where the body is an array, each with its own bytes', () => {
    const { arrival } = feedOf();
    if (arrival.kind !== 'webhook') throw new Error('it is no webhook');
    const one = fixtures.record('container-created').bytes;
    const body = Buffer.concat([Buffer.from(' [ '), one, Buffer.from(' ,\n{"eventType": 1.0}, 5] ')]);
    const records = arrival.records(requestOf(body));
    expect(records.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      one.toString(),
      '{"eventType": 1.0}',
      '5',
    ]);
    expect(attributesOf(feedOf(), records[0] as RawRecord).id).toBe('c0755b0555e62044c512d4b9adb0bdec');
    expect(arrival.records(requestOf('[]'))).toEqual([]);
    expect(arrival.records(requestOf('[1,]'))).toHaveLength(1);
  });

  it.each([
    { account: 'a b' },
    { account: 'a/b' },
    { path: 'hooks' },
    { path: '/hooks/' },
    { path: '/a/../b' },
    { path: '/a?b' },
    { verify: undefined },
    { fields: { eventType: '$now()' } },
    { fields: { service: 'a b c' } },
    { fields: { subject: '/a~2' } },
    { fields: { color: '/a' } },
    { outcome: { error: '' } },
    { answer: { status: 302 } },
    { answer: { status: 201 } },
    { answer: { status: 204 } },
    { answer: { within: '1h' } },
    { typePrefix: 'a.' },
  ])('are not taken with %j', (settings) => {
    expect(os1.config.safeParse({ ...from, ...settings }).error?.issues).toHaveLength(1);
  });
});

it('asks OS1 about each callback where the configuration says how', () => {
  const confirm = { baseUrl: 'https://api.example.com', path: 'requests/{correlationid}' };
  const [plain] = os1.feeds(os1.config.parse(from));
  const [asking] = os1.feeds(os1.config.parse({ ...from, confirm }));
  expect([plain?.steps.length, plain?.arrival.endpoint]).toEqual([0, undefined]);
  expect(asking?.steps.map(({ name }) => name)).toEqual(['confirm']);
  expect(asking?.arrival.endpoint?.baseUrl).toBe('https://api.example.com');
});
