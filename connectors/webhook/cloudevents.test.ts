import { describe, expect, it } from 'vitest';
import { type Envelope, encodeStructured } from '../../src/core/envelope.ts';
import type { Outcome } from '../../src/core/normalise.ts';
import { requestOf } from '../../test/conformance/connector/webhook.ts';
import { cloudEventNormalise, cloudEventRecords } from './cloudevents.ts';

type Given = Parameters<typeof requestOf>;

function outcomesOf(...given: Given): readonly Outcome[] {
  return cloudEventRecords(requestOf(...given)).flatMap((record, index) =>
    cloudEventNormalise(record, { batchId: undefined, index }),
  );
}

function eventsOf(...given: Given): readonly Envelope[] {
  return outcomesOf(...given).map((outcome) => {
    if (outcome.kind !== 'event') throw outcome.kind === 'poison' ? outcome.error : new Error(outcome.kind);
    return outcome.envelope;
  });
}

const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const batched = { 'content-type': 'application/cloudevents-batch+json' };
const minimal = { specversion: '1.0', id: 'A-1', source: 'https://example.com/a?b#c', type: 'com.example.x' };

const written = (event: object): unknown => JSON.parse(encodeStructured(event as Envelope).toString());

describe('CloudEvents in structured mode', () => {
  it('keep id, source, type, time, extensions, and their data byte for byte', () => {
    const body = `{"specversion":"1.0","id":"A-1","source":"/a","type":"t","time":"2026-01-02T03:04:05.1234567Z",
      "subject":"s","dataschema":"https://example.com/s","comexampleext":"v","flag":true,"count":-5,"unset":null,
      "datacontenttype":"application/json", "data" : {"n": 1.10, "big":12345678901234567890} }`;
    const [envelope] = eventsOf(body, structured);
    expect(envelope?.attributes).toEqual({
      specversion: '1.0',
      id: 'A-1',
      source: '/a',
      type: 't',
      time: '2026-01-02T03:04:05.1234567Z',
      subject: 's',
      dataschema: 'https://example.com/s',
      comexampleext: 'v',
      flag: 'true',
      count: '-5',
      datacontenttype: 'application/json',
      partitionkey: '/a',
    });
    expect(envelope && Buffer.from(envelope.data.bytes).toString()).toBe('{"n": 1.10, "big":12345678901234567890}');
  });

  it('keep a partition key that they have, and have their source as one otherwise', () => {
    expect(eventsOf(JSON.stringify({ ...minimal, partitionkey: 'k' }), structured)).toMatchObject([
      { attributes: { partitionkey: 'k' } },
    ]);
    expect(eventsOf(JSON.stringify(minimal), structured)).toMatchObject([
      { attributes: { partitionkey: 'https://example.com/a?b#c', datacontenttype: 'application/json' } },
    ]);
  });

  it.each([
    [{ data: 'text' }, { data: 'text' }],
    [{}, { data: null }],
    [{ data: 'über', datacontenttype: 'text/plain' }, { data_base64: Buffer.from('über').toString('base64') }],
    [{ data: { a: 1 }, datacontenttype: 'text/xml' }, { data: { a: 1 } }],
    [{ data_base64: 'AP8=' }, { data_base64: 'AP8=' }],
    [{ data_base64: 'eyJhIjoxfQ==', datacontenttype: 'application/json' }, { data_base64: 'eyJhIjoxfQ==' }],
  ])('have data: %j', (members, expected) => {
    const [envelope] = eventsOf(JSON.stringify({ ...minimal, ...members }), structured);
    expect(envelope && written(envelope)).toMatchObject(expected);
  });

  it.each([
    [{ specversion: undefined }, 'it has no specversion'],
    [{ specversion: '0.3' }, 'its specversion is 0.3'],
    [{ source: undefined }, 'it has no source'],
    [{ type: undefined }, 'it has no type'],
    [{ type: '' }, 'type is not text'],
    [{ id: 7 }, 'id is not text'],
    [{ source: 'a b' }, 'source is not a URI reference'],
    [{ source: 'a%zz' }, 'source is not a URI reference'],
    [{ dataschema: '/relative' }, 'dataschema is not an absolute URI'],
    [{ time: 'yesterday' }, 'time is not an RFC 3339 timestamp'],
    [{ datacontenttype: 'json' }, 'datacontenttype is not a media type'],
    [{ subject: '' }, 'subject is not text'],
    [{ subject: 'a\u0000' }, 'subject is not text'],
    [{ traceParent: 'x' }, '"traceParent" is no name'],
    [{ 'a-b': 'x' }, '"a-b" is no name'],
    [{ ext: { a: 1 } }, 'ext is not text'],
    [{ ext: 1.5 }, 'ext is not text'],
    [{ ext: 2 ** 40 }, 'ext is not text'],
    [{ data: 1, data_base64: '' }, 'both data and data_base64'],
    [{ data_base64: 'a' }, 'data_base64 is not Base64'],
  ])('are dead letters with %j, and say why', (members, reason) => {
    const [outcome] = outcomesOf(JSON.stringify({ ...minimal, ...members }), structured);
    expect(outcome).toMatchObject({ kind: 'poison', error: { code: 'CLOUDEVENT_INVALID' } });
    expect(outcome?.kind === 'poison' && outcome.error.message).toContain(`event 0 is no CloudEvent 1.0: `);
    expect(outcome?.kind === 'poison' && outcome.error.message).toContain(reason);
  });

  it.each([
    [JSON.stringify({ ...minimal, id: undefined }), 'RECORD_WITHOUT_ID'],
    [JSON.stringify({ ...minimal, id: '' }), 'RECORD_WITHOUT_ID'],
    ['[]', 'RECORD_MALFORMED'],
    ['{', 'RECORD_MALFORMED'],
    [Buffer.from([0xff]), 'RECORD_NOT_UTF8'],
  ])('are dead letters: %s', (body, code) => {
    expect(outcomesOf(body, structured)).toMatchObject([{ kind: 'poison', error: { code } }]);
  });
});

describe('CloudEvents in batches', () => {
  it('are several events, of which a bad one harms no other', () => {
    const events = [
      { ...minimal, data: 1 },
      { ...minimal, type: '' },
      { ...minimal, id: 'A-2' },
    ];
    expect(outcomesOf(JSON.stringify(events), batched)).toMatchObject([
      { envelope: { attributes: { id: 'A-1' } } },
      { error: { code: 'CLOUDEVENT_INVALID', message: expect.stringContaining('event 1') } },
      { envelope: { attributes: { id: 'A-2' } } },
    ]);
  });

  it('may be empty', () => {
    expect(outcomesOf('[]', batched)).toEqual([]);
  });

  it('are dead letters as a whole where they are no array', () => {
    for (const body of ['{}', '[1', '']) {
      expect(outcomesOf(body, batched)).toMatchObject([{ kind: 'poison', error: { code: 'RECORD_MALFORMED' } }]);
    }
  });
});

describe('CloudEvents in binary mode', () => {
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': 'B-1',
    'ce-source': '/b',
    'ce-type': 'com.example.b',
    'ce-time': '2026-01-02T03:04:05Z',
    'ce-subject': 'Euro %E2%82%AC %F0%9F%98%80 100%',
    'ce-comexampleext': 'v',
    'content-type': 'application/json; charset=utf-8',
    authorization: 'Bearer x',
  };

  it('have their attributes in headers, of which no others are kept', () => {
    const [record] = cloudEventRecords(requestOf('{"a": 1}', headers));
    expect(Object.keys(record?.headers ?? {}).filter((name) => !name.startsWith('ce-'))).toEqual([]);
    const [envelope] = eventsOf('{"a": 1}', headers);
    expect(envelope?.attributes).toEqual({
      specversion: '1.0',
      id: 'B-1',
      source: '/b',
      type: 'com.example.b',
      time: '2026-01-02T03:04:05Z',
      subject: 'Euro € 😀 100%',
      comexampleext: 'v',
      datacontenttype: 'application/json',
      partitionkey: '/b',
    });
    expect(envelope?.data).toEqual({ kind: 'json', bytes: Buffer.from('{"a": 1}') });
  });

  it('carry any data as it is', () => {
    const [envelope] = eventsOf(Buffer.from([0, 255]), { ...headers, 'content-type': 'image/png' });
    expect(envelope).toMatchObject({ attributes: { datacontenttype: 'image/png' }, data: { kind: 'binary' } });
    const { 'content-type': _, ...bare } = headers;
    expect(eventsOf('', bare)).toMatchObject([{ data: { kind: 'json', bytes: Buffer.from('null') } }]);
    expect(eventsOf('x', bare)).toMatchObject([{ attributes: { datacontenttype: 'application/octet-stream' } }]);
  });

  it.each([
    ['{', headers, 'RECORD_MALFORMED'],
    ['{}', { ...headers, 'ce-subject': '%FF' }, 'CLOUDEVENT_INVALID'],
    ['{}', { ...headers, 'ce-bad-name': 'x' }, 'CLOUDEVENT_INVALID'],
    ['{}', { ...headers, 'ce-id': '' }, 'RECORD_WITHOUT_ID'],
    ['{}', { 'content-type': 'application/json' }, 'CLOUDEVENT_INVALID'],
    ['{}', { ...headers, 'content-type': 'application/cloudevents+avro' }, 'CLOUDEVENT_INVALID'],
  ])('are dead letters: %s with %j', (body, given, code) => {
    expect(outcomesOf(body, given)).toMatchObject([{ kind: 'poison', error: { code } }]);
  });
});
