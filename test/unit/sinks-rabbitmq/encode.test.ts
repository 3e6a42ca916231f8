import { describe, expect, it } from 'vitest';
import { createEnvelope } from '../../../src/core/envelope.ts';
import { encode } from '../../../src/sinks/rabbitmq/encode.ts';

const envelope = createEnvelope(
  {
    specversion: '1.0',
    id: '7',
    source: '/test',
    type: 'com.example.tested',
    time: '2022-01-23T08:13:56.8404437+00:00',
    datacontenttype: 'application/json',
    partitionkey: 'clé',
    correlationid: 'c-1',
  },
  { kind: 'json', bytes: Buffer.from('{"n":1.0}') },
);
const headerPrefix = 'cloudEvents_';
const shared = {
  messageId: '7',
  type: 'com.example.tested',
  correlationId: 'c-1',
  timestamp: Date.UTC(2022, 0, 23, 8, 13, 56) / 1_000,
};

describe('an event as an AMQP message', () => {
  it('structured: the whole event is the body', () => {
    const { content, properties } = encode(envelope, { mode: 'structured', headerPrefix });
    expect(content.toString()).toMatch(/^\{"specversion":"1\.0","id":"7",.*,"data":\{"n":1\.0\}\}$/);
    expect(properties).toEqual({
      ...shared,
      contentType: 'application/cloudevents+json',
      headers: { partitionkey: 'clé' },
    });
  });

  it('binary: the data is the body, the attributes are headers', () => {
    const { content, properties } = encode(envelope, { mode: 'binary', headerPrefix });
    expect(content.toString()).toBe('{"n":1.0}');
    expect(properties).toEqual({
      ...shared,
      contentType: 'application/json',
      headers: {
        partitionkey: 'clé',
        cloudEvents_specversion: '1.0',
        cloudEvents_id: '7',
        cloudEvents_source: '/test',
        cloudEvents_type: 'com.example.tested',
        cloudEvents_time: '2022-01-23T08:13:56.8404437+00:00',
        cloudEvents_partitionkey: 'clé',
        cloudEvents_correlationid: 'c-1',
      },
    });
  });

  it.each([undefined, 'yesterday', '1969-12-31T23:59:59Z'])('a time such as %s gives no timestamp', (time) => {
    const { attributes, data } = envelope;
    const { properties } = encode(createEnvelope({ ...attributes, time }, data), { mode: 'structured', headerPrefix });
    expect(properties).not.toHaveProperty('timestamp');
  });
});
