import { describe, expect, test } from 'vitest';
import { createEnvelope, type Envelope } from '../../../src/core/envelope.ts';
import { encode } from '../../../src/sinks/sqs/encode.ts';
import { groupOf, orderIn, orderOf } from '../../../src/sinks/sqs/order.ts';

function event(attributes: Readonly<Record<string, string>> = {}, data = '1'): Envelope {
  return createEnvelope(
    {
      specversion: '1.0',
      id: 'id',
      source: '/source',
      type: 'com.example.tested',
      datacontenttype: 'application/json',
      partitionkey: 'key',
      ...attributes,
    },
    { kind: 'json', bytes: Buffer.from(data) },
  );
}

describe('a message group', () => {
  test.each(['key', 'a/b:c', 'x'.repeat(128), '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'])(
    'is the partition key %s',
    (key) => {
      expect(groupOf(key)).toBe(key);
    },
  );

  test.each(['two words', 'clé', 'x'.repeat(129), '\n', '😀'])('is the digest of %j, always the same', (key) => {
    expect(groupOf(key)).toMatch(/^[0-9a-f]{64}$/);
    expect(groupOf(key)).toBe(groupOf(key));
    expect(groupOf(`${key}.`)).not.toBe(groupOf(key));
  });
});

describe('a deduplication id', () => {
  test('goes by source and id alone, where ids name events', () => {
    const idOf = (envelope: Envelope) => orderOf(envelope, undefined).deduplicationId;
    expect(idOf(event())).toMatch(/^[0-9a-f]{32}$/);
    expect(idOf(event({ partitionkey: 'other', type: 'other' }, '2'))).toBe(idOf(event()));
    expect(idOf(event({ source: '/other' }))).not.toBe(idOf(event()));
    expect(idOf(event({ id: 'other' }))).not.toBe(idOf(event()));
  });

  test('tells one occurrence from the next, where ids name states', () => {
    const idOf = (occurrence: string) => orderOf(event(), occurrence).deduplicationId;
    expect(idOf('batch-1/0')).toMatch(/^[0-9a-f]{32}$/);
    expect(idOf('batch-1/0')).toBe(idOf('batch-1/0'));
    expect(new Set(['batch-1/0', 'batch-1/1', 'batch-2/0', ''].map(idOf)).size).toBe(4);
    expect(idOf('')).not.toBe(orderOf(event(), undefined).deduplicationId);
  });

  test('is kept with the address, so that a retry has the same', () => {
    const order = orderOf(event(), 'batch-1/0');
    expect(orderIn({ queue: 'q.fifo', ...order })).toEqual(order);
    expect(encode(event(), order).order).toEqual(order);
  });

  test('is for FIFO queues only, as is a group', () => {
    expect(encode(event(), orderIn({ queue: 'q' })).order).toBeUndefined();
  });
});

describe('the attributes of a message', () => {
  test('are ten at most', () => {
    const all = {
      subject: 's',
      time: 't',
      correlationid: 'c',
      causationid: 'k',
      outcome: 'ok',
      tenantid: 't',
      batchid: 'b',
    };
    expect(Object.keys(encode(event(all)).attributes)).toHaveLength(10);
  });

  test('leave out what SQS does not take; the body has it', () => {
    const { attributes, body } = encode(event({ subject: 'a\u0000b' }));
    expect(attributes).not.toHaveProperty('ce_subject');
    expect(JSON.parse(body).subject).toBe('a\u0000b');
  });
});

describe('characters', () => {
  test.each(['\t', '\ud7ff', '\ue000', '\ufffd', '😀', '\u007f', '\u2028'])('%j is taken', (character) => {
    expect(JSON.parse(encode(event({}, JSON.stringify(character))).body).data).toBe(character);
  });

  test.each(['\ufffe', '\uffff'])('%j is refused, by name', (character) => {
    expect(() => encode(event({}, JSON.stringify(character)))).toThrow(
      expect.objectContaining({ code: 'EVENT_REFUSED', message: expect.stringMatching(/^event id .*U\+FFF[EF]/) }),
    );
  });
});

test('equal envelopes give equal messages', () => {
  expect(encode(event({ subject: 's' }))).toEqual(encode(event({ subject: 's' })));
});
