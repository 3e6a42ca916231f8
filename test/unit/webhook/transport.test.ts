import { describe, expect, it } from 'vitest';
import { createEnvelope, type Envelope } from '../../../src/core/envelope.ts';
import { type RawRecord, receivedMark, traceMark } from '../../../src/core/record.ts';
import { withTransport } from '../../../src/pipeline/transport.ts';
import { encode as toKafka } from '../../../src/sinks/kafka/encode.ts';
import { encode as toRabbitmq } from '../../../src/sinks/rabbitmq/encode.ts';
import { encode as toSqs } from '../../../src/sinks/sqs/encode.ts';
import { sampleEvent } from '../../support/sample-events.ts';

const received = '2026-11-23T03:00:00.000Z';
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const plain = sampleEvent('1', 'k');
const sent: Envelope = { ...plain, transport: { received, traceparent } };
const marks = { 'feedferry-received': received, traceparent };

function record(headers: RawRecord['headers']): RawRecord {
  return { bytes: Buffer.from('{}'), mediaType: 'application/json', headers, receivedAt: new Date(0) };
}

describe('when a request came, and its trace,', () => {
  it('go from the record to its events, and no further', () => {
    const events = [0, 1, 1].map((index) => ({ envelope: plain, index }));
    const records = [record({}), record({ [receivedMark]: received, [traceMark]: traceparent, 'x-kept': '1' })];
    const { events: marked } = withTransport({ events, poison: [], filtered: 0 }, (index) => records[index]);
    expect(marked.map(({ envelope }) => envelope.transport)).toEqual([undefined, sent.transport, sent.transport]);
    expect(marked.every(({ envelope }) => envelope.attributes === plain.attributes)).toBe(true);
  });

  it.each(['structured', 'binary'] as const)(
    'are headers of a Kafka record, in %s mode, beside the usual ones',
    (mode) => {
      const texts = (envelope: Envelope) =>
        Object.fromEntries([...toKafka(envelope, mode).headers].map(([name, value]) => [`${name}`, `${value}`]));
      expect(texts(sent)).toEqual({ ...texts(plain), ...marks });
      expect(toKafka(sent, mode).value).toEqual(toKafka(plain, mode).value);
      expect(texts(plain)).not.toHaveProperty('traceparent');
    },
  );

  it.each(['structured', 'binary'] as const)('are headers of a message in RabbitMQ, in %s mode', (mode) => {
    const form = { mode, headerPrefix: 'cloudEvents_' };
    expect(toRabbitmq(sent, form).properties.headers).toEqual({
      ...toRabbitmq(plain, form).properties.headers,
      ...marks,
    });
    expect(toRabbitmq(sent, form).content).toEqual(toRabbitmq(plain, form).content);
  });

  it('are attributes of a message in SQS, as far as there is room for them', () => {
    expect(toSqs(sent).attributes).toEqual({ ...toSqs(plain).attributes, ...marks });
    expect(toSqs(sent).body).toBe(toSqs(plain).body);
    const full = createEnvelope(
      { ...plain.attributes, subject: 's', time: received, correlationid: 'c', causationid: 'u', outcome: 'ok' },
      plain.data,
    );
    expect(Object.keys(toSqs({ ...full, transport: { received, traceparent } }).attributes)).toHaveLength(10);
  });
});
