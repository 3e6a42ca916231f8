import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createEnvelope, type Envelope, type EventData } from '../../src/core/envelope.ts';
import { giveUpInCi, suiteOn } from '../support/broker-suite.ts';
import { sqsSuite } from '../support/sqs/acquire.ts';
import { createQueue } from '../support/sqs/protocol.ts';
import { type Boto3Message, drainWithBoto3, findBoto3 } from '../support/sqs/read-with-boto3.ts';
import { openSink, publish, summary, uniqueName } from '../support/sqs/sink-calls.ts';
import type { Tool } from '../support/tool.ts';

const json = (text: string): EventData => ({ kind: 'json', bytes: Buffer.from(text) });
const payloads: readonly EventData[] = [
  json('{"b":1,"a":[1.0,1e2,12345678901234567890],"a":"\\u0041\\u0000"}'),
  json(' {\n\t"spaced" : "näïve <&> \ud7ff"\r\n} '),
  json('null'),
  { kind: 'binary', bytes: Buffer.from([0x00, 0x0a, 0xff, 0xfe]) },
  json(JSON.stringify('x'.repeat(50_000))),
];
const keys = ['fenergo/journey', 'clé, =', 'k'];

const events: readonly Envelope[] = keys.flatMap((partitionkey, key) =>
  payloads.map((data, at) =>
    createEnvelope(
      {
        specversion: '1.0',
        id: `${key}-${at}-${uniqueName('id')}`,
        source: '/test/ä<&>',
        type: 'com.example.tested',
        subject: 'S & Ü',
        time: '2026-01-02T03:04:05.678Z',
        datacontenttype: data.kind === 'json' ? 'application/json' : 'application/octet-stream',
        partitionkey,
        correlationid: 'c-1',
        causationid: 'k-1',
        outcome: 'ok',
      },
      data,
    ),
  ),
);

/** What CloudEvents says of the structured mode, written down without our encoder. */
function structured({ attributes, data }: Envelope): Buffer {
  const head = JSON.stringify(attributes).slice(0, -1);
  const member =
    data.kind === 'json'
      ? [Buffer.from(',"data":'), data.bytes]
      : [Buffer.from(`,"data_base64":"${Buffer.from(data.bytes).toString('base64')}"`)];
  return Buffer.concat([Buffer.from(head), ...member, Buffer.from('}')]);
}

function expectWhole(found: readonly Boto3Message[], receipts: readonly unknown[]) {
  expect(found).toHaveLength(events.length);
  events.forEach((event, at) => {
    const { id, source, type, subject, time, partitionkey, correlationid, causationid, outcome } = event.attributes;
    const message = found.find(({ attributes }) => attributes['ce_id'] === id);
    expect(message?.body).toEqual(structured(event));
    const md5 = createHash('md5').update(structured(event)).digest('hex');
    expect(message?.bodyDigests).toEqual([md5, md5]);
    expect(message?.attributes).toEqual({
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      ce_id: id,
      ce_source: source,
      ce_type: type,
      ce_subject: subject,
      ce_time: time,
      ce_partitionkey: partitionkey,
      ce_correlationid: correlationid,
      ce_causationid: causationid,
      ce_outcome: outcome,
    });
    expect(message?.types).toEqual(['String']);
    expect(message?.attributesDigests[0]).toBe(message?.attributesDigests[1]);
    expect(receipts[at]).toMatchObject({ messageId: message?.messageId });
  });
}

async function publishAndRead(boto3: Tool, endpoint: string, end: '' | '.fifo'): Promise<readonly Boto3Message[]> {
  const name = uniqueName('boto3') + end;
  const url = await createQueue(endpoint, name);
  await using sink = await openSink(endpoint, name, { confirmTimeout: '10s' });
  const deliveries = await publish(sink, events);
  expect(summary(deliveries)).toEqual(events.map(() => 'confirmed'));
  const receipts = deliveries.map((delivery) => delivery.status === 'confirmed' && delivery.receipt);
  const found = await drainWithBoto3(boto3, endpoint, url);
  expectWhole(found, receipts);
  return found;
}

function expectOrder(found: readonly Boto3Message[]) {
  const groups = Map.groupBy(found, ({ group }) => group);
  expect(groups.size).toBe(keys.length);
  for (const messages of groups.values()) {
    const ids = messages.map(({ attributes }) => attributes['ce_id']);
    const [key] = messages.map(({ attributes }) => attributes['ce_partitionkey']);
    const sent = events.filter(({ attributes }) => attributes.partitionkey === key);
    expect(ids).toEqual(sent.map(({ attributes }) => attributes.id));
  }
  expect(new Set(found.map(({ deduplicationId }) => deduplicationId)).size).toBe(events.length);
}

const withBoto3 = suiteOn(await findBoto3().catch(giveUpInCi));
const suite = await sqsSuite();

withBoto3('boto3 finds each message to the byte, with its attributes and digests,', (boto3) => {
  // The stand-in for AWS's error names is left out: Debian 12's boto3 speaks the older XML protocol, which it does not.
  suite('on a strict server', ({ endpoint }) => {
    test('in a standard queue', { timeout: 60_000 }, async () => {
      await publishAndRead(boto3, endpoint, '');
    });

    test('in a FIFO queue, in the order of each group', { timeout: 60_000 }, async () => {
      expectOrder(await publishAndRead(boto3, endpoint, '.fifo'));
    });
  });
});
