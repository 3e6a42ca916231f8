import { describe, expect, test } from 'vitest';
import { createEnvelope } from '../../../src/core/envelope.ts';
import { sqsBroker, sqsDestination } from '../../../src/sinks/sqs/config.ts';
import { openSqsSink } from '../../../src/sinks/sqs/sqs-sink.ts';
import { fakeClient } from './fake-client.ts';

const region = 'eu-central-1';

describe('a broker', () => {
  test.each([
    { region },
    { region: 'us-gov-west-1', endpoint: 'http://127.0.0.1:9324' },
    { region, credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, confirmTimeout: '100ms' },
  ])('may be %j', (settings) => {
    expect(sqsBroker.safeParse({ type: 'sqs', ...settings }).success).toBe(true);
  });

  test.each([
    {},
    { region: 'Frankfurt' },
    { region, endpoint: 'sqs.example.com' },
    { region, endpoint: 'ftp://sqs.example.com' },
    { region, credentials: { accessKeyId: 'a' } },
    { region, confirmTimeout: '99ms' },
    { region, retries: 3 },
  ])('may not be %j', (settings) => {
    expect(sqsBroker.safeParse({ type: 'sqs', ...settings }).success).toBe(false);
  });
});

describe('a queue', () => {
  const url = 'https://sqs.eu-central-1.amazonaws.com/123456789012/orders.fifo';

  test.each(['orders', 'Orders_1-a.fifo', 'x-{feed}.fifo', '{pipeline}', url, 'x'.repeat(80)])('may be %s', (queue) => {
    expect(sqsDestination.safeParse({ broker: 'aws', queue }).success).toBe(true);
  });

  test.each([
    '',
    'a.b',
    'orders.fifo.x',
    'two words',
    '.fifo',
    'x'.repeat(81),
    'https://sqs.example.com/1/',
    'https://:x/1/a',
  ])('may not be %j', (queue) => {
    expect(sqsDestination.safeParse({ broker: 'aws', queue }).success).toBe(false);
  });

  test('that an event makes no name of is unroutable', () => {
    const broker = sqsBroker.parse({ type: 'sqs', region });
    const destination = sqsDestination.parse({ broker: 'aws', queue: 'for-{type}' });
    const context = { pipeline: 'test', brokerName: 'aws', baseDir: '/' };
    const sink = openSqsSink(broker, destination, context, fakeClient().client);
    const attributes = {
      specversion: '1.0',
      id: '1',
      source: '/s',
      datacontenttype: 'application/json',
      partitionkey: 'k',
    } as const;
    const typed = (type: string) => createEnvelope({ ...attributes, type }, { kind: 'json', bytes: Buffer.from('1') });
    expect(sink.route(typed('made'), 'test/feed').destination).toBe('for-made');
    expect(() => sink.route(typed('com.example.made'), 'test/feed')).toThrow(
      expect.objectContaining({ code: 'EVENT_UNROUTABLE' }),
    );
  });
});

describe('lanes', () => {
  const laneOf = (queue: string, id: string, partitionkey: string) => {
    const destination = sqsDestination.parse({ broker: 'aws', queue });
    const context = { pipeline: 'test', brokerName: 'aws', baseDir: '/' };
    const sink = openSqsSink(sqsBroker.parse({ type: 'sqs', region }), destination, context, fakeClient().client);
    const attributes = {
      specversion: '1.0',
      id,
      source: '/s',
      type: 't',
      datacontenttype: 'application/json',
      partitionkey,
    } as const;
    return sink.route(createEnvelope(attributes, { kind: 'json', bytes: Buffer.from('1') }), 'test/feed').lane;
  };

  test('of a FIFO queue are its message groups', () => {
    expect(laneOf('q.fifo', '1', 'a')).toBe(laneOf('q.fifo', '2', 'a'));
    expect(laneOf('q.fifo', '1', 'a')).not.toBe(laneOf('q.fifo', '2', 'b'));
    expect(laneOf('q.fifo', '1', 'a')).not.toBe(laneOf('other.fifo', '1', 'a'));
  });

  test('of a standard queue are its events, for it keeps no order', () => {
    expect(laneOf('q', '1', 'a')).not.toBe(laneOf('q', '2', 'a'));
    expect(laneOf('q', '1', 'a')).toBe(laneOf('q', '1', 'a'));
  });
});
