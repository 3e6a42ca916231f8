import { describe, expect, test } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { Routed } from '../../../src/core/sink.ts';
import type { Answer, KafkaRecord } from '../../../src/sinks/kafka/client.ts';
import { writeTransaction } from '../../../src/sinks/kafka/write-transaction.ts';
import { event, never } from '../../support/kafka/sink-calls.ts';
import { createFakeClient, type FakeClient, tooLarge } from './fake-client.ts';

const mark: KafkaRecord = {
  topic: 'marks',
  partition: 0,
  key: Buffer.from('id'),
  value: Buffer.from('the mark'),
  headers: new Map(),
};

const toItem = (key: string, bytes = 100): Routed => {
  const envelope = event('events', { key });
  return { envelope, destination: 'events', address: {}, lane: key, bytes };
};

function write(client: FakeClient, items: readonly Routed[], maxCall = { events: 100, bytes: 10_000 }) {
  const unused = () => expect.unreachable();
  const asked = { decided: unused, isOpen: unused, lastCommitted: unused, inspect: unused };
  const transactional = { ...asked, fence: unused, settle: unused, end: unused, close: async () => {} };
  const writing = {
    client: { ...transactional, send: client.send, partitions: client.partitions },
    mode: 'structured',
    maxCall,
  } as const;
  return writeTransaction(writing, items, mark, never);
}

describe('what is written in a transaction', () => {
  test('goes in portions, one after the other, and the mark with the last one', async () => {
    const client = createFakeClient({ events: 1, marks: 1 });
    const items = ['a', 'b', 'c', 'd', 'e'].map((key) => toItem(key));
    const written = await write(client, items, { events: 2, bytes: 10_000 });
    expect(client.sends.map((values) => values.length)).toEqual([2, 2, 2]);
    expect(client.sends[2]?.[1]).toBe('the mark');
    expect(written).toMatchObject({
      status: 'written',
      receipts: [{ offset: 0 }, { offset: 1 }, { offset: 2 }, {}, {}],
    });
  });

  test('is cut by bytes too, and one event alone may be larger', async () => {
    const client = createFakeClient({ events: 1, marks: 1 });
    await write(client, [toItem('a', 9_000), toItem('b', 9_000), toItem('c', 50_000)]);
    expect(client.sends.map((values) => values.length)).toEqual([1, 1, 2]);
  });

  test('is halved when it is refused together, and stays in order', async () => {
    const client = createFakeClient({ events: 1, marks: 1 });
    client.answer = (name, records) => (name === 'events/0' && records.length > 2 ? tooLarge(name) : undefined);
    const items = Array.from({ length: 7 }, (_, at) => toItem(`key ${at}`));
    const written = await write(client, items);
    expect(client.log.get('events/0')?.map((value) => JSON.parse(value).id)).toEqual(
      items.map(({ envelope }) => envelope.attributes.id),
    );
    expect(written).toMatchObject({ status: 'written', receipts: items.map((_, offset) => ({ offset })) });
  });

  test('shows the one that is refused alone', async () => {
    const client = createFakeClient({ events: 1, marks: 1 });
    const items = Array.from({ length: 7 }, (_, at) => toItem(`key ${at}`));
    const bad = items[4]?.envelope.attributes.id;
    client.answer = (name, records) =>
      records.some(({ value }) => value.toString().includes(`"id":"${bad}"`)) ? tooLarge(name) : undefined;
    expect(await write(client, items)).toMatchObject({
      status: 'refused',
      index: 4,
      error: { code: 'EVENT_TOO_LARGE', message: expect.stringContaining(`event ${bad} `) },
    });
  });

  test.each<readonly [string, Answer | undefined, string]>([
    [
      'a partition without an answer',
      { status: 'unknown', error: new BridgeError('BROKER_TIMEOUT', 'late') },
      'BROKER_TIMEOUT',
    ],
    [
      'a leader that does not know its topic yet',
      { status: 'refused', error: new BridgeError('DESTINATION_MISSING', 'what topic?') },
      'BROKER_UNAVAILABLE',
    ],
    [
      'a topic that nobody may write to',
      { status: 'refused', error: new BridgeError('BROKER_NOT_AUTHORISED', 'no') },
      'BROKER_NOT_AUTHORISED',
    ],
  ])('ends with %s', async (_, answer, code) => {
    const client = createFakeClient({ events: 1, marks: 1 });
    client.answer = (name) => (name === 'events/0' ? answer : undefined);
    await expect(write(client, [toItem('a')])).rejects.toMatchObject({ code });
  });

  test('ends where a topic is missing, before anything is sent', async () => {
    const client = createFakeClient({ marks: 1 });
    await expect(write(client, [toItem('a')])).rejects.toMatchObject({ code: 'DESTINATION_MISSING' });
    expect(client.sends).toEqual([]);
  });

  test('a mark that is refused is no poison of an event', async () => {
    const client = createFakeClient({ events: 1, marks: 1 });
    client.answer = (name) => (name === 'marks/0' ? tooLarge(name) : undefined);
    await expect(write(client, [toItem('a')])).rejects.toMatchObject({ code: 'DESTINATION_UNWRITABLE' });
  });
});
