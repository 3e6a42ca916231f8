import { describe, expect, test } from 'vitest';
import { createEnvelope, type EventData } from '../../../src/core/envelope.ts';
import { approximateSize, encode } from '../../../src/sinks/kafka/encode.ts';

function envelope(data: EventData) {
  return createEnvelope(
    {
      specversion: '1.0',
      id: 'ä-1',
      source: '/orders',
      type: 'com.example.created',
      datacontenttype: 'application/json',
      partitionkey: 'clé',
      correlationid: 'c',
    },
    data,
  );
}

const json: EventData = { kind: 'json', bytes: Buffer.from('{"n":1.0}') };
const binary: EventData = { kind: 'binary', bytes: Uint8Array.of(0, 255, 7) };

function headersOf(headers: Map<Buffer, Buffer>): Record<string, string> {
  return Object.fromEntries(Array.from(headers, ([name, value]) => [name.toString(), value.toString()]));
}

describe('structured mode', () => {
  test('puts the whole event into the value, under the partition key', () => {
    const { key, value, headers } = encode(envelope(json), 'structured');
    expect(key.toString()).toBe('clé');
    expect(headersOf(headers)).toEqual({ 'content-type': 'application/cloudevents+json; charset=UTF-8' });
    expect(JSON.parse(value.toString())).toMatchObject({ id: 'ä-1', partitionkey: 'clé', data: { n: 1 } });
    expect(value.toString()).toContain('"data":{"n":1.0}}');
  });
});

describe('binary mode', () => {
  test.each([json, binary])('puts the bytes of %o into the value, and the attributes into headers', (data) => {
    const { key, value, headers } = encode(envelope(data), 'binary');
    expect(key.toString()).toBe('clé');
    expect(value.equals(data.bytes)).toBe(true);
    expect(headersOf(headers)).toEqual({
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: 'ä-1',
      ce_source: '/orders',
      ce_type: 'com.example.created',
      ce_partitionkey: 'clé',
      ce_correlationid: 'c',
    });
  });

  test('takes only its own part of a shared buffer', () => {
    const page = Buffer.from('[{"a":1},{"b":2}]');
    const { value } = encode(envelope({ kind: 'json', bytes: page.subarray(1, 8) }), 'binary');
    expect(value.toString()).toBe('{"a":1}');
  });
});

describe('the size', () => {
  test.each([json, binary, { ...binary, bytes: new Uint8Array(100_000) }])('is never below what is sent', (data) => {
    const { key, value, headers } = encode(envelope(data), 'structured');
    const sent = key.length + value.length + [...headers].flat().reduce((sum, { length }) => sum + length, 0);
    expect(approximateSize(envelope(data))).toBeGreaterThanOrEqual(sent);
    expect(approximateSize(envelope(data))).toBeLessThan(sent + 200);
  });
});
