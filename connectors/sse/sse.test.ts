import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FeedDefinition } from '../../src/core/connector.ts';
import { streamEventMark, streamIdMark } from '../../src/core/stream.ts';
import type { SampleRecord } from '../../test/conformance/connector/definition.ts';
import { connectorConformance } from '../../test/conformance/connector.ts';
import { fixturesOf } from '../../test/support/fixtures/records.ts';
import { sse } from './index.ts';

const fixtures = fixturesOf(join(import.meta.dirname, 'fixtures'));
const event = {
  id: '/body/id',
  type: '"com.example." & body.kind',
  subject: '/body/instrument',
  time: '/body/at',
  partitionkey: '/body/instrument',
};
const from = {
  connector: 'sse',
  account: 'acme',
  baseUrl: 'https://api.example.com',
  path: 'prices?all=1',
  auth: { bearer: 'hush-hush' },
  event,
};

const becomes: Readonly<Record<string, SampleRecord['becomes']>> = {
  empty: 'RECORD_MALFORMED',
  'not-json': 'RECORD_MALFORMED',
  'not-utf8': 'RECORD_NOT_UTF8',
  'without-id': 'RECORD_WITHOUT_ID',
};

const promises = connectorConformance({
  connector: sse,
  from,
  records: fixtures.names.map((name) => ({
    name,
    record: fixtures.record(name),
    becomes: becomes[name] ?? ('event' as const),
  })),
  goldenEvents: [
    {
      name: 'tick',
      record: fixtures.record('tick'),
      context: { batchId: undefined, index: 0 },
      envelope: fixtures.golden('tick'),
    },
  ],
  goldenDeadLetters: [],
});

describe('sse keeps the promises of a connector', () => {
  for (const { name, run } of promises) it(name, run);
});

function feedOf(settings: object = {}): FeedDefinition {
  const [feed] = sse.feeds(sse.config.parse({ ...from, ...settings }));
  if (feed === undefined) throw new Error('no feed');
  return feed;
}

function made(feed: FeedDefinition, bytes: string, headers: Readonly<Record<string, string>> = {}) {
  const record = { bytes: Buffer.from(bytes), mediaType: 'text/plain', headers, receivedAt: new Date(0) };
  const [outcome] = feed.normalise(record, { batchId: undefined, index: 0 });
  return outcome?.kind === 'event' ? outcome.envelope : outcome;
}

describe('events of a stream', () => {
  it('may be named by the stream', () => {
    const feed = feedOf({ event: { id: '/id', type: '"com.example." & event' } });
    const headers = { [streamEventMark]: 'tick', [streamIdMark]: '€ 7' };
    expect(made(feed, '{}', headers)).toMatchObject({ attributes: { id: '€ 7', type: 'com.example.tick' } });
    expect(made(feed, '{}', { [streamIdMark]: '8' })).toMatchObject({ attributes: { type: 'com.example.message' } });
    expect(made(feed, '{}')).toMatchObject({ kind: 'poison', error: { code: 'RECORD_WITHOUT_ID' } });
  });

  it('may be told by their content alone, which then names a state', () => {
    const feed = feedOf({ event: { id: { digest: 'body' }, type: '"com.example.x"' } });
    expect(feed.ids).toBe('state');
    expect(made(feed, '{"a":1}')).toEqual(made(feed, '{"a":1}', { [streamEventMark]: 'other' }));
    expect(feedOf().ids).toBe('event');
  });

  it('may be text', () => {
    const feed = feedOf({ content: 'text', event: { id: '/id', type: 'body' } });
    const attributes = { id: '1', type: 'hello', datacontenttype: 'text/plain' };
    expect(made(feed, 'hello', { [streamIdMark]: '1' })).toMatchObject({ attributes, data: { kind: 'binary' } });
  });

  it('may be told wrong by words of the settings', () => {
    const { arrival } = feedOf({ errors: { auth: ['expired'], fatal: ['gone'], retry: ['later'] } });
    if (arrival.kind !== 'sse') throw new Error('it is no stream');
    expect(['expired', 'gone', '{"error":"later"}', 'auth_failed'].map((text) => arrival.refusal(text)?.treat)).toEqual(
      ['auth', 'fatal', 'retry', undefined],
    );
  });
});
