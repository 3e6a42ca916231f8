import { describe, expect, test } from 'vitest';
import { createEnvelope, type Envelope, type EventData } from '../../src/core/envelope.ts';
import { giveUpInCi, suiteOn } from '../support/broker-suite.ts';
import { kafkaSuite } from '../support/kafka/acquire.ts';
import { findKcat, readWithKcat } from '../support/kafka/read-with-kcat.ts';
import { clients, openSinkWith, publishAll } from '../support/kafka/sink-calls.ts';
import { createTopic } from '../support/kafka/topics.ts';

const codecs = { platformatic: ['none', 'gzip', 'snappy', 'lz4', 'zstd'], kafkajs: ['none', 'gzip'] } as const;

const json = (text: string): EventData => ({ kind: 'json', bytes: Buffer.from(text) });
const binary = (bytes: Buffer): EventData => ({ kind: 'binary', bytes });

/** Data that a careless writer or reader would change. */
const payloads: readonly (readonly [mediaType: string, data: EventData])[] = [
  ['application/json', json('{"b":1,"a":[1.0,1e2,12345678901234567890],"a":"\\u0041"}')],
  ['application/json', json(' {\n\t"spaced" : "näïve, =\u{1f600}"\r\n} ')],
  ['application/json', json('null')],
  ['application/octet-stream', binary(Buffer.from([0x00, 0x0a, 0xff, 0xfe, 0x2c, 0x3d, 0x0d, 0x80]))],
  ['application/json', json(JSON.stringify('x'.repeat(50_000)))],
];
const keys = ['fenergo/journey', 'clé, = \n\u{1f511}', ' '];

function eventsFor(topic: string): readonly Envelope[] {
  return keys.flatMap((partitionkey, key) =>
    payloads.map(([datacontenttype, data], at) =>
      createEnvelope(
        {
          specversion: '1.0',
          id: `${key}-${at}`,
          source: '/test/ä,b=c',
          type: 'com.example.tested',
          subject: topic,
          time: '2026-01-02T03:04:05.678Z',
          datacontenttype,
          partitionkey,
        },
        data,
      ),
    ),
  );
}

/** What CloudEvents says of the structured mode, written down without our encoder. */
function structured({ attributes, data }: Envelope): Buffer {
  const head = JSON.stringify(attributes).slice(0, -1);
  const member =
    data.kind === 'json'
      ? [Buffer.from(',"data":'), data.bytes]
      : [Buffer.from(`,"data_base64":"${Buffer.from(data.bytes).toString('base64')}"`)];
  return Buffer.concat([Buffer.from(head), ...member, Buffer.from('}')]);
}

/** The same of the binary mode. */
function binaryHeaders({ attributes }: Envelope): Record<string, string> {
  const { datacontenttype, ...others } = attributes;
  const named = Object.entries(others).map(([name, value]) => [`ce_${name}`, String(value)]);
  return { 'content-type': datacontenttype, ...Object.fromEntries(named) };
}

const withKcat = suiteOn(await findKcat().catch(giveUpInCi));
const suite = await kafkaSuite();

withKcat('kcat finds', (kcat) => {
  suite('on a real broker', ({ bootstrap }) => {
    describe.each(clients)('of what %s has written', (client) => {
      const openSink = openSinkWith(client);

      test.each(codecs[client])(
        'each structured event to the byte, under its key (%s)',
        { timeout: 60_000 },
        async (compression) => {
          const topic = await createTopic(bootstrap, 'kcat', { partitions: 3 });
          const events = eventsFor(topic);
          await using sink = await openSink(bootstrap, { to: { compression } });
          await publishAll(sink, events);
          const records = await readWithKcat(kcat, bootstrap, topic);
          const found = new Map(records.map((record) => [record.value.toString('base64'), record]));
          expect(found.size).toBe(events.length);
          for (const event of events) {
            const record = found.get(structured(event).toString('base64'));
            expect(record?.key.toString()).toBe(event.attributes.partitionkey);
            expect(record?.headers).toEqual([['content-type', 'application/cloudevents+json; charset=UTF-8']]);
          }
        },
      );

      test.each(codecs[client])(
        'each binary event with its headers and bytes, under its key (%s)',
        async (compression) => {
          const topic = await createTopic(bootstrap, 'kcat', { partitions: 3 });
          const events = eventsFor(topic);
          await using sink = await openSink(bootstrap, { to: { mode: 'binary', compression } });
          await publishAll(sink, events);
          const records = await readWithKcat(kcat, bootstrap, topic);
          expect(records).toHaveLength(events.length);
          for (const event of events) {
            const id: readonly [string, string] = ['ce_id', event.attributes.id];
            const record = records.find(({ headers }) => headers.some((header) => String(header) === String(id)));
            expect(record?.key.toString()).toBe(event.attributes.partitionkey);
            expect(record?.value).toEqual(Buffer.from(event.data.bytes));
            expect(Object.fromEntries(record?.headers ?? [])).toEqual(binaryHeaders(event));
          }
        },
      );
    });
  });
});
