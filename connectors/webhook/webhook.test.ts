import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FeedDefinition, WebhookArrival } from '../../src/core/connector.ts';
import type { Envelope } from '../../src/core/envelope.ts';
import type { Outcome } from '../../src/core/normalise.ts';
import type { SampleRecord } from '../../test/conformance/connector/definition.ts';
import { requestOf } from '../../test/conformance/connector/webhook.ts';
import { connectorConformance } from '../../test/conformance/connector.ts';
import { fixturesOf } from '../../test/support/fixtures/records.ts';
import { webhook } from './index.ts';

const fixtures = fixturesOf(join(import.meta.dirname, 'fixtures'));
const base = {
  connector: 'webhook',
  account: 'acme',
  path: '/hooks/billing',
  verify: { preset: 'standard-webhooks', keys: ['whsec_aHVzaGh1c2hodXNoaHVzaGh1c2hodXNo'] },
};
const from = {
  ...base,
  verify: { bearer: ['hush-hush-hush'] },
  event: {
    id: '/body/id',
    type: '"com.example." & body.type',
    subject: '/body/data/id',
    partitionkey: '/body/data/id',
    time: '/body/at',
    outcome: { error: 'body.data.failed' },
  },
};

const becomes: Readonly<Record<string, SampleRecord['becomes']>> = {
  empty: 'RECORD_MALFORMED',
  'empty-id': 'RECORD_WITHOUT_ID',
  'id-is-an-object': 'RECORD_WITHOUT_ID',
  'id-with-control-character': 'RECORD_WITHOUT_ID',
  'not-json': 'RECORD_MALFORMED',
  'not-utf8': 'RECORD_NOT_UTF8',
  text: 'RECORD_WITHOUT_ID',
  'type-is-a-list': 'event',
  'without-id': 'RECORD_WITHOUT_ID',
};

const promises = connectorConformance({
  connector: webhook,
  from,
  records: fixtures.names.map((name) => ({
    name,
    record: fixtures.record(name),
    becomes: becomes[name] ?? ('event' as const),
  })),
  goldenEvents: [
    {
      name: 'an invoice was paid',
      record: fixtures.record('invoice-paid'),
      context: { batchId: undefined, index: 0 },
      envelope: fixtures.golden('invoice-paid'),
    },
  ],
  goldenDeadLetters: [],
});

describe('webhook keeps the promises of a connector', () => {
  for (const { name, run } of promises) it(name, run);
});

interface Hooked extends FeedDefinition {
  readonly arrival: WebhookArrival;
}

function feedOf(settings: object): Hooked {
  const [feed] = webhook.feeds(webhook.config.parse({ ...base, ...settings }));
  if (feed?.arrival.kind !== 'webhook') throw new Error('no feed that is sent to');
  return { ...feed, arrival: feed.arrival };
}

type Given = Parameters<typeof requestOf>;

function outcomesOf(settings: object, ...given: Given): readonly Outcome[] {
  const { arrival, normalise } = feedOf(settings);
  return arrival
    .records(requestOf(...given))
    .flatMap((record, index) => normalise(record, { batchId: undefined, index }));
}

function eventsOf(settings: object, ...given: Given): readonly Envelope[] {
  return outcomesOf(settings, ...given).map((outcome) => {
    if (outcome.kind !== 'event') throw outcome.kind === 'poison' ? outcome.error : new Error(outcome.kind);
    return outcome.envelope;
  });
}

const json = { 'content-type': 'application/json; charset=utf-8' };

describe('what names an event', () => {
  it('may be headers, query, and method, of which nothing else is kept', () => {
    const event = { id: '/headers/webhook-id', type: 'method & "." & query.kind', subject: '/query/about' };
    const { arrival } = feedOf({ event });
    expect(arrival.keepHeaders).toEqual(['webhook-id']);
    const headers = { ...json, 'webhook-id': 'msg_1', 'x-other': 'x', authorization: 'Bearer x' };
    const request = requestOf('{}', headers, '/hooks/billing?kind=a%20b&about=c+d&token=x');
    expect(arrival.records(request).map(({ headers: kept }) => kept)).toEqual([
      { 'webhook-id': 'msg_1', ':query:kind': 'a b', ':query:about': 'c d', ':method': 'POST' },
    ]);
    const [envelope] = eventsOf({ event }, '{}', headers, '/hooks/billing?kind=a%20b&about=c+d');
    expect(envelope?.attributes).toMatchObject({
      id: 'msg_1',
      type: 'POST.a b',
      subject: 'c d',
      source: '/webhook/acme',
    });
  });

  it('has to be there: no id is made up', () => {
    const event = { id: '/headers/webhook-id', type: '"t"' };
    expect(outcomesOf({ event }, '{}', json)).toMatchObject([
      {
        kind: 'poison',
        error: { code: 'RECORD_WITHOUT_ID', message: 'event 0 has no id: /headers/webhook-id gives none' },
      },
    ]);
  });

  it('may be a digest of the content, where that is asked for: then ids name states', () => {
    const event = { id: { digest: 'body' }, type: '"t"' };
    expect(feedOf({ event }).ids).toBe('state');
    const [one] = eventsOf({ event }, '{"a":1}', json);
    const [again] = eventsOf({ event }, '{"a":1}', { ...json, 'webhook-id': 'another' });
    const [other] = eventsOf({ event }, '{"a":2}', json);
    expect(one?.attributes.id).toMatch(/^[0-9a-f]{32}$/);
    expect(again?.attributes.id).toBe(one?.attributes.id);
    expect(other?.attributes.id).not.toBe(one?.attributes.id);
  });

  it('tells the elements of an array apart, or they are dead letters', () => {
    const body = '[{"n":1},{"n":2}]';
    const headers = { ...json, 'webhook-id': 'msg_1' };
    const shared = { id: '/headers/webhook-id', type: '"t"' };
    expect(outcomesOf({ event: shared }, body, headers)).toMatchObject([
      { kind: 'poison', error: { code: 'RECORD_WITHOUT_ID' } },
      { kind: 'poison', error: { code: 'RECORD_WITHOUT_ID' } },
    ]);
    expect(eventsOf({ event: shared }, '[{"n":1}]', headers)).toMatchObject([{ attributes: { id: 'msg_1' } }]);
    const own = { ...shared, id: 'headers."webhook-id" & "-" & $string(index)' };
    expect(eventsOf({ event: own }, body, headers)).toMatchObject([
      { attributes: { id: 'msg_1-0' }, data: { bytes: Buffer.from('{"n":1}') } },
      { attributes: { id: 'msg_1-1' }, data: { bytes: Buffer.from('{"n":2}') } },
    ]);
  });

  it('makes a record poison where an expression fails', () => {
    const event = { id: '/body/id', type: '"t"', subject: '$number(body.n) + 1' };
    expect(outcomesOf({ event }, '{"id":"1","n":"x"}', json)).toMatchObject([
      { kind: 'poison', error: { code: 'EXPRESSION_FAILED' } },
    ]);
  });
});

describe('what bodies may be', () => {
  const event = { id: { digest: 'body' }, type: '"t"' };
  const bytesOf = ({ data }: Envelope): string => Buffer.from(data.bytes).toString('latin1');

  it('a form, whose field has JSON', () => {
    const settings = { content: { form: 'payload' }, event: { id: '/body/id', type: '/body/t' } };
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const [envelope] = eventsOf(settings, 'a=1&payload=%7B%22id%22%3A+%22%C3%BC%22%2C%22t%22:%22x%22%7D&b', type);
    expect(envelope).toMatchObject({ attributes: { id: 'ü', type: 'x', datacontenttype: 'application/json' } });
    expect(envelope && Buffer.from(envelope.data.bytes).toString()).toBe('{"id": "ü","t":"x"}');
    for (const [body, code] of [
      ['a=1', 'RECORD_MALFORMED'],
      ['payload=x', 'RECORD_MALFORMED'],
      ['payload=%22%FF%22', 'RECORD_NOT_UTF8'],
    ] as const) {
      expect(outcomesOf(settings, body, type)).toMatchObject([{ kind: 'poison', error: { code } }]);
    }
    expect(feedOf(settings).arrival.mediaTypes).toEqual(['application/x-www-form-urlencoded']);
  });

  it('XML, which is carried as it is, with its media type', () => {
    const body = Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?><a>\xfc</a>', 'latin1');
    const [envelope] = eventsOf({ content: 'xml', event }, body, { 'content-type': 'text/xml; charset=ISO-8859-1' });
    expect(envelope).toMatchObject({
      attributes: { datacontenttype: 'text/xml; charset=iso-8859-1' },
      data: { kind: 'binary' },
    });
    expect(envelope && bytesOf(envelope)).toBe(body.toString('latin1'));
  });

  it('text in UTF-8, which expressions see as it is', () => {
    const settings = { content: 'text', event: { id: '$substringBefore(body, ";")', type: '"t"' } };
    const [envelope] = eventsOf(settings, 'ü1;rest', { 'content-type': 'text/plain' });
    expect(envelope).toMatchObject({
      attributes: { id: 'ü1', datacontenttype: 'text/plain' },
      data: { kind: 'binary' },
    });
    expect(outcomesOf(settings, Buffer.from([0xff]), {})).toMatchObject([{ error: { code: 'RECORD_NOT_UTF8' } }]);
    expect(outcomesOf(settings, 'x;', { 'content-type': 'text/plain; charset=utf-16' })).toMatchObject([
      { error: { code: 'RECORD_NOT_UTF8' } },
    ]);
  });

  it('anything, as bytes', () => {
    const [envelope] = eventsOf({ content: 'binary', event }, Buffer.from([0, 255]), {});
    expect(envelope).toMatchObject({
      attributes: { datacontenttype: 'application/octet-stream' },
      data: { kind: 'binary' },
    });
    expect(envelope && bytesOf(envelope)).toBe('\x00\xff');
  });

  it('JSON with a byte order mark, which is no part of it', () => {
    const [envelope] = eventsOf({ event }, Buffer.from('\ufeff{"a":1}'), json);
    expect(envelope && bytesOf(envelope)).toBe('{"a":1}');
  });

  it('JSON in no other charset, and no multipart', () => {
    expect(outcomesOf({ event }, '{}', { 'content-type': 'application/json; charset=latin1' })).toMatchObject([
      { error: { code: 'RECORD_NOT_UTF8' } },
    ]);
    expect(feedOf({ event }).arrival.mediaTypes).not.toContain('*');
  });

  it('an array of so many elements at most', () => {
    const elements = (count: number): string => `[${Array.from({ length: count }, () => '1').join()}]`;
    const { arrival } = feedOf({ event });
    expect(arrival.records(requestOf(elements(10_000)))).toHaveLength(10_000);
    expect(arrival.records(requestOf(elements(10_001)))).toHaveLength(1);
  });
});

describe('the settings of webhook', () => {
  it.each([
    [{ event: undefined }, ['event']],
    [{ content: 'cloudevents' }, ['event']],
    [{ content: 'yaml' }, ['content']],
    [{ event: { id: '/body/id' } }, ['event', 'type']],
    [{ event: { type: '"t"' } }, ['event', 'id']],
    [{ event: { id: { digest: 'headers' }, type: '"t"' } }, ['event', 'id']],
    [{ event: { id: '/headers/Webhook-Id', type: '"t"' } }, ['event']],
    [{ event: { id: '/headers/authorization', type: '"t"' } }, ['event']],
    [{ event: { id: '/headers/webhook-signature', type: '"t"' } }, ['event']],
    [{ event: { id: '$string(headers)', type: '"t"' } }, ['event']],
    [{ event: { id: '$string(query)', type: '"t"' } }, ['event']],
    [{ event: { id: '$random()', type: '"t"' } }, ['event', 'id']],
    [{ path: '/hooks/billing?x' }, ['path']],
  ])('refuse %j', (settings, path) => {
    const { error } = webhook.config.safeParse({ ...from, ...settings });
    expect(error?.issues).toMatchObject([{ path }]);
  });

  it('are good as in the example of the documentation', () => {
    const event = { id: '/headers/webhook-id', type: '"com.example." & body.type', subject: '/body/data/id' };
    expect(webhook.config.safeParse({ ...base, event }).error).toBeUndefined();
  });
});
