import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FeedDefinition } from '../../src/core/connector.ts';
import { encodeStructured } from '../../src/core/envelope.ts';
import type { Outcome } from '../../src/core/normalise.ts';
import type { RawRecord } from '../../src/core/record.ts';
import type { SampleRecord } from '../../test/conformance/connector/definition.ts';
import { requestOf } from '../../test/conformance/connector/webhook.ts';
import { connectorConformance } from '../../test/conformance/connector.ts';
import { fixturesOf } from '../../test/support/fixtures/records.ts';
import { wapi } from './index.ts';

const fixtures = fixturesOf(join(import.meta.dirname, 'fixtures'));
const api = { baseUrl: 'https://api.example.com', user: 'tester', password: 'hush' };
const polled = { connector: 'wapi', account: 'tester', api };
const secretPath = ['hush-hush-hush-hush'];
const posted = {
  connector: 'wapi',
  account: 'tester',
  delivery: 'post',
  post: { path: '/hooks/wapi', verify: { secretPath } },
};

const mailed = {
  connector: 'wapi',
  account: 'tester',
  delivery: 'mail',
  mailbox: {
    host: 'imap.example.com',
    user: 'wapi@example.com',
    password: 'hush',
    done: 'Processed',
    failed: 'Failed',
  },
  trust: { authservId: 'mx.example.com', dkim: ['wedos.com'] },
};

const unnamed = { batchId: undefined, index: 0 };

const becomes: Readonly<Record<string, SampleRecord['becomes']>> = {
  'control-character': 'RECORD_INVALID',
  empty: 'RECORD_MALFORMED',
  json: 'RECORD_MALFORMED',
  'no-notify': 'RECORD_INVALID',
  'not-utf8': 'RECORD_NOT_UTF8',
  // Notifications alone: an answer is an event of the feed `answers`.
  response: 'RECORD_INVALID',
  truncated: 'RECORD_MALFORMED',
  'with-entity': 'RECORD_MALFORMED',
  'without-code': 'RECORD_INVALID',
};

const definition = {
  connector: wapi,
  records: fixtures.names.map((name) => ({
    name,
    record: fixtures.record(name, 'application/xml'),
    becomes: becomes[name] ?? ('event' as const),
  })),
  goldenEvents: [
    {
      name: 'a finished ping',
      record: fixtures.record('ping-async', 'application/xml'),
      context: { batchId: '2691', index: 0 },
      envelope: fixtures.golden('ping-async'),
    },
  ],
  goldenDeadLetters: [],
  rewrites: true,
} as const;

describe.each([
  ['polled', polled],
  ['posted', posted],
  ['mailed', mailed],
])('wapi, %s, keeps the promises of a connector', (_way, from) => {
  for (const { name, run } of connectorConformance({ ...definition, from })) it(name, run);
});

function feedOf(from: object): FeedDefinition {
  const [feed] = wapi.feeds(wapi.config.parse(from));
  if (feed === undefined) throw new Error('no feed');
  return feed;
}

function answer(body: string) {
  return { status: 200, headers: {}, body: Buffer.from(body), receivedAt: new Date(0) };
}

function recordsPolled(body: string): readonly RawRecord[] {
  const { arrival } = feedOf(polled);
  if (arrival.kind !== 'poll') throw new Error('it is not polled');
  const next = arrival.protocol.readNext(answer(body));
  return next.kind === 'batch' ? next.batch.records : [];
}

function recordsPosted(...documents: readonly string[]): readonly RawRecord[] {
  const { arrival } = feedOf(posted);
  if (arrival.kind !== 'webhook') throw new Error('nothing is sent to it');
  const form = new URLSearchParams(documents.map((xml) => ['request', xml]));
  return arrival.records(requestOf(form.toString(), { 'content-type': 'application/x-www-form-urlencoded' }));
}

function outcomesOf(records: readonly RawRecord[]): readonly Outcome[] {
  const { normalise } = feedOf(polled);
  return records.flatMap((record, index) => normalise(record, { batchId: undefined, index }));
}

function eventsOf(records: readonly RawRecord[]): readonly string[] {
  return outcomesOf(records).map((outcome) => {
    if (outcome.kind !== 'event') throw new Error(outcome.kind);
    return encodeStructured(outcome.envelope).toString();
  });
}

const notify = fixtures.record('ping-async').bytes.toString();
const inside = notify.replace('<notify>', '').replace('</notify>', '');

describe('a notification is the same event, byte for byte', () => {
  const golden = eventsOf(recordsPosted(notify));

  it('is the golden one', () => {
    expect(golden.map((event) => JSON.parse(event))).toEqual([fixtures.golden('ping-async')]);
  });

  it.each([
    ['below the response', `<response><code>1000</code><result>OK</result>${notify}</response>`],
    ['in its data', `<response><code>1000</code><data>${notify}</data></response>`],
    ['deeper', `<response><code>1000</code><data><item><x>1</x>${notify}</item></data></response>`],
    ['with its fields in data', `<response><code>1000</code><data>${inside}</data></response>`],
    ['as the answer itself', notify],
    [
      'with other white space',
      `<?xml version="1.0" encoding="UTF-8"?>\r\n<response>\n <code>1000</code>\n <data>\n${notify.replaceAll('><', '>\n\t<')}</data></response>\n`,
    ],
    [
      'with comments, CDATA and references',
      `<response><code>1000</code>${notify.replace('OK', '<![CDATA[O]]><!-- x -->&#75;')}</response>`,
    ],
  ])('polled %s', (_where, body) => {
    expect(eventsOf(recordsPolled(body))).toEqual(golden);
  });

  it.each([
    ['alone', notify],
    ['in an envelope', `<request>${notify}</request>`],
    ['with a byte order mark and a declaration', `\ufeff<?xml version='1.0' encoding='utf-8'?>\n${notify}`],
    ['with its fields in data', `<request><data>${inside}</data></request>`],
  ])('posted %s', (_how, xml) => {
    expect(eventsOf(recordsPosted(xml))).toEqual(golden);
  });
});

describe('several notifications in one form', () => {
  const other = notify.replace('2691', '2692');

  it.each([
    ['in fields of their own', [notify, other]],
    ['in one document', [`<request>${notify}${other}</request>`]],
    ['side by side, with no root', [`<?xml version="1.0"?>\n${notify}\n${other}\n`]],
  ])('%s are several events', (_how, documents) => {
    expect(eventsOf(recordsPosted(...documents)).map((event) => (JSON.parse(event) as { id: string }).id)).toEqual([
      '2691',
      '2692',
    ]);
  });

  it('of which one is bad are a dead letter, and events', () => {
    const bad = '<notify><code>1000</code><result>&x;</result><ID>2690</ID></notify>';
    const kinds = outcomesOf(recordsPosted(`${notify}${bad}${other}`)).map(({ kind }) => kind);
    expect(kinds).toEqual(['event', 'poison', 'event']);
    expect(outcomesOf(recordsPosted('<request/>'))).toMatchObject([{ error: { code: 'RECORD_INVALID' } }]);
    expect(outcomesOf(recordsPosted(''))).toMatchObject([{ error: { code: 'RECORD_MALFORMED' } }]);
  });
});

describe('what events say', () => {
  const attributesOf = (name: string): unknown => {
    const [outcome] = outcomesOf([fixtures.record(name, 'application/xml')]);
    if (outcome?.kind !== 'event') throw new Error(name);
    return outcome.envelope.attributes;
  };

  it('is the outcome of the command, by its code', () => {
    expect(attributesOf('ping-async')).toMatchObject({ outcome: 'ok' });
    expect(attributesOf('pending')).toMatchObject({ outcome: 'pending' });
    expect(attributesOf('failed-with-data')).toMatchObject({ outcome: 'error' });
    expect(attributesOf('system')).toMatchObject({
      outcome: 'ok',
      type: 'com.wedos.wapi.code-1200',
      partitionkey: '/wapi/tester',
    });
  });

  it('keeps every digit', () => {
    expect(attributesOf('failed-with-data')).toMatchObject({
      id: '0002692',
      correlationid: '000123',
      svtrid: '00012345678901234567890',
    });
  });

  it('has an id by its content where it has none, which is another one for another content', () => {
    const bytes = fixtures.record('without-id').bytes;
    const again = Buffer.from(bytes.toString().replace('<code>', ' <code>'));
    const other = Buffer.from(bytes.toString().replace('1000', '1001'));
    const ids = [bytes, again, other].map((one) => {
      const [outcome] = outcomesOf([{ ...fixtures.record('without-id'), bytes: one }]);
      return outcome?.kind === 'event' ? outcome.envelope.attributes.id : '';
    });
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(attributesOf('odd-texts')).not.toHaveProperty('time');
  });
});

describe('an answer that is published', () => {
  const [, answers] = wapi.feeds(wapi.config.parse({ ...polled, requests: { publishAnswer: true } }));

  it('is an event with all that WAPI says', () => {
    expect(answers).toMatchObject({ name: 'answers', arrival: { kind: 'answers', of: 'notifications' } });
    const [outcome] = answers?.normalise(fixtures.record('response', 'application/xml'), unnamed) ?? [];
    if (outcome?.kind !== 'event') throw new Error('no event');
    expect(JSON.parse(encodeStructured(outcome.envelope).toString())).toEqual(fixtures.golden('response'));
  });

  it('is none where it is a notification', () => {
    const [outcome] = answers?.normalise(fixtures.record('ping-async', 'application/xml'), unnamed) ?? [];
    expect(outcome).toMatchObject({ kind: 'poison', error: { code: 'RECORD_INVALID' } });
  });
});

describe('the settings of wapi', () => {
  it('answer 200 and nothing else', () => {
    expect(feedOf(posted).arrival).toMatchObject({ answer: { status: 200, withinMs: 8_000 } });
    expect(wapi.config.safeParse({ ...posted, post: { ...posted.post, answer: { status: 202 } } }).success).toBe(false);
  });

  it.each([
    [{ ...polled, api: undefined }, ['api']],
    [{ ...polled, post: posted.post }, ['post']],
    [{ ...polled, delivery: 'post' }, ['post']],
    [{ ...posted, poll: {} }, ['poll']],
    [{ ...polled, api: { ...api, password: '' } }, ['api', 'password']],
    [{ ...polled, poll: { commands: { next: 'a b' } } }, ['poll', 'commands', 'next']],
    [{ ...polled, account: 'tester@example.com' }, ['account']],
    [{ ...polled, delivery: 'mail', trust: 'none' }, ['mailbox']],
    [{ ...mailed, trust: undefined }, ['trust']],
    [{ ...polled, mailbox: mailed.mailbox }, ['mailbox']],
    [{ ...polled, trust: 'none' }, ['trust']],
    [{ ...mailed, trust: { dkim: ['wedos.com'] } }, ['trust']],
    [
      {
        ...mailed,
        mailbox: { ...mailed.mailbox, oauth2: { tokenUrl: 'https://x.y/t', clientId: 'a', clientSecret: 'b' } },
      },
      ['mailbox'],
    ],
    [{ ...mailed, mailbox: { ...mailed.mailbox, done: 'inbox' } }, ['mailbox']],
    [{ ...mailed, mailbox: { ...mailed.mailbox, done: { keyword: '\\Seen' } } }, ['mailbox', 'done']],
    [{ ...mailed, mailbox: { ...mailed.mailbox, done: { keyword: '$x' }, failed: { keyword: '$x' } } }, ['mailbox']],
  ])('refuse %j', (from, path) => {
    expect(wapi.config.safeParse(from).error?.issues).toMatchObject([{ path }]);
  });
});
