import { expect, test } from 'vitest';
import { createEnvelope, type EventData, encodeStructured } from '../../../../src/core/envelope.ts';
import { encodeLine } from '../../../../src/sinks/log/encode.ts';
import { checkTopicName } from '../../../../src/sinks/log/topic-name.ts';

function envelope(data: EventData) {
  const attributes = { specversion: '1.0', id: '1', source: '/s', type: 't', partitionkey: 'a\nb\r' } as const;
  return createEnvelope({ ...attributes, datacontenttype: 'application/json' }, data);
}

test.each(['fenergo.journey', 'a', 'Übergabe', 'a b', 'a:b', 'x'.repeat(200)])('%j can be a topic', (topic) => {
  expect(() => checkTopicName(topic)).not.toThrow();
});

test.each([
  '',
  '.hidden',
  '..',
  'a..b',
  'a/b',
  '/a',
  'a\\b',
  'a\0b',
  'a\nb',
  'a\u007fb',
  'x'.repeat(201),
  'ü'.repeat(101),
  '\ud800',
])('%j cannot be a topic: the event is poison', (topic) => {
  expect(() => checkTopicName(topic)).toThrow(
    expect.objectContaining({ code: 'EVENT_UNROUTABLE', disposition: 'poison' }),
  );
});

test('pretty-printed data is one line, of the same value', () => {
  const pretty = '{\r\n  "text": "a\\nb\\r",\n\n  "n": [\n 1.0 ]\n}\n';
  const line = encodeLine(envelope({ kind: 'json', bytes: Buffer.from(pretty) })).toString();
  expect(line).not.toMatch(/[\r\n]/);
  expect(JSON.parse(line).data).toEqual(JSON.parse(pretty));
  expect(line).toHaveLength(encodeStructured(envelope({ kind: 'json', bytes: Buffer.from(pretty) })).length);
});

test('other data stays byte for byte, and the envelope is not changed', () => {
  const bytes = Buffer.from('{\n"a": "\\u2028\u2028"}');
  const compact = envelope({ kind: 'json', bytes: Buffer.from('{ "a":1.0 }') });
  expect(encodeLine(compact).equals(encodeStructured(compact))).toBe(true);
  encodeLine(envelope({ kind: 'json', bytes }));
  expect(bytes.includes('\n')).toBe(true);
});

test('nothing that a sender puts into an event looks like a hole to recovery', () => {
  const line = encodeLine(envelope({ kind: 'json', bytes: Buffer.from('{"broken":"a\0b"}') }));
  expect(line.includes(0)).toBe(false);
});
