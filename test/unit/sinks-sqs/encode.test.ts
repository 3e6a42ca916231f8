import { describe, expect, test } from 'vitest';
import { createEnvelope, type Envelope } from '../../../src/core/envelope.ts';
import { encode, groupOf } from '../../../src/sinks/sqs/encode.ts';

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
  test('goes by source and id alone', () => {
    const idOf = (envelope: Envelope) => encode(envelope, true).order?.deduplicationId;
    expect(idOf(event())).toMatch(/^[0-9a-f]{32}$/);
    expect(idOf(event({ partitionkey: 'other', type: 'other' }, '2'))).toBe(idOf(event()));
    expect(idOf(event({ source: '/other' }))).not.toBe(idOf(event()));
    expect(idOf(event({ id: 'other' }))).not.toBe(idOf(event()));
  });

  test('is for FIFO queues only, as is a group', () => {
    expect(encode(event(), false).order).toBeUndefined();
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
    expect(Object.keys(encode(event(all), true).attributes)).toHaveLength(10);
  });

  test('leave out what SQS does not take; the body has it', () => {
    const { attributes, body } = encode(event({ subject: 'a\u0000b' }), true);
    expect(attributes).not.toHaveProperty('ce_subject');
    expect(JSON.parse(body).subject).toBe('a\u0000b');
  });
});

describe('characters', () => {
  test.each(['\t', '\ud7ff', '\ue000', '\ufffd', '😀', '\u007f', '\u2028'])('%j is taken', (character) => {
    expect(JSON.parse(encode(event({}, JSON.stringify(character)), true).body).data).toBe(character);
  });

  test.each(['\ufffe', '\uffff'])('%j is refused, by name', (character) => {
    expect(() => encode(event({}, JSON.stringify(character)), true)).toThrow(
      expect.objectContaining({ code: 'EVENT_REFUSED', message: expect.stringMatching(/^event id .*U\+FFF[EF]/) }),
    );
  });
});

test('equal envelopes give equal messages', () => {
  expect(encode(event({ subject: 's' }), true)).toEqual(encode(event({ subject: 's' }), true));
});
