import { NetworkError, type Producer, ResponseError } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import { BridgeError } from '../../../../src/core/errors.ts';
import type { Answer, KafkaRecord } from '../../../../src/sinks/kafka/client.ts';
import { createProducing } from '../../../../src/sinks/kafka/platformatic/produce.ts';

type Bytes = Producer<Buffer, Buffer, Buffer, Buffer>;
type Sent = Awaited<ReturnType<Bytes['send']>>;

const late = new BridgeError('BROKER_TIMEOUT', 'too late');
const [timedOut, tooFewReplicas, notLeader] = [7, 19, 6];

/** A client whose sends are ended by the test. Topics of the same first letter have the same leader. */
function createFakeProducer() {
  const sends: { readonly topics: readonly string[]; readonly end: PromiseWithResolvers<Sent> }[] = [];
  const topics = { get: (name: string) => ({ partitions: [{ leader: name.charCodeAt(0) }] }) };
  const producer = {
    currentMetadata: { topics },
    send({ messages }: { messages: readonly KafkaRecord[] }) {
      const end = Promise.withResolvers<Sent>();
      sends.push({ topics: messages.map(({ topic }) => topic), end });
      return end.promise;
    },
  };
  return { sends, producer: producer as unknown as Bytes };
}

function refusal(codes: Readonly<Record<string, number>>): ResponseError {
  const responses = Object.entries(codes).map(([name, errorCode]) => ({
    name,
    partitionResponses: [{ index: 0, errorCode, baseOffset: errorCode === 0 ? 7n : -1n }],
  }));
  const errors = Object.entries(codes).filter(([, code]) => code !== 0);
  return new ResponseError(0, 11, Object.fromEntries(errors.map(([name, code]) => [name, [code, null]])), {
    responses,
  });
}

function records(...topics: readonly string[]): readonly KafkaRecord[] {
  return topics.map((topic) => ({
    topic,
    partition: 0,
    key: Buffer.from('k'),
    value: Buffer.from('v'),
    headers: new Map(),
  }));
}

function summary(answers: ReadonlyMap<string, Answer>): Record<string, string> {
  return Object.fromEntries(
    Array.from(answers, ([name, answer]) => [
      name,
      answer.status === 'written' ? `@${answer.firstOffset}` : `${answer.status} ${answer.error.code}`,
    ]),
  );
}

function open() {
  const { sends, producer } = createFakeProducer();
  const deadline = new AbortController();
  const producing = createProducing(producer, 'kafka');
  const send = (...topics: readonly string[]) => producing.send(records(...topics), deadline.signal, () => late);
  return { sends, producing, send, deadline };
}

describe('a send', () => {
  test('ends with the first answer, though the client would repeat it for one partition', async () => {
    const { producing, send } = open();
    const sending = send('ill', 'is-well');
    expect(producing.settles(refusal({ ill: tooFewReplicas, 'is-well': 0 }))).toBe(true);
    expect(summary(await sending)).toEqual({ 'ill/0': 'unknown BROKER_UNAVAILABLE', 'is-well/0': '@7' });
  });

  test('waits for the answers of the other brokers', async () => {
    const { sends, producing, send } = open();
    const sending = send('a', 'b', 'a2');
    expect(sends.map(({ topics }) => topics)).toEqual([['a', 'a2'], ['b']]);
    expect(producing.settles(refusal({ a: notLeader, a2: 0 }))).toBe(true);
    sends[1]?.end.resolve({ offsets: [{ topic: 'b', partition: 0, offset: 3n }] });
    expect(summary(await sending)).toEqual({ 'a/0': 'unknown BROKER_UNAVAILABLE', 'a2/0': '@7', 'b/0': '@3' });
  });

  test('goes on while the client repeats what was perhaps written, and keeps what was written for sure', async () => {
    const { producing, send, deadline } = open();
    const sending = send('slow', 'sure');
    expect(producing.settles(refusal({ slow: timedOut, sure: 0 }))).toBe(false);
    deadline.abort(late);
    expect(summary(await sending)).toEqual({ 'slow/0': 'unknown BROKER_TIMEOUT', 'sure/0': '@7' });
  });

  test('goes on while the client only has lost its connection', async () => {
    const { sends, producing, send } = open();
    const sending = send('a');
    expect(producing.settles(new NetworkError('closed'))).toBe(false);
    sends[0]?.end.resolve({ offsets: [{ topic: 'a', partition: 0, offset: 1n }] });
    expect(summary(await sending)).toEqual({ 'a/0': '@1' });
  });

  test('counts a leader that does not know its topic as one that is behind', async () => {
    const { producing, send } = open();
    const sending = send('gone');
    expect(producing.settles(refusal({ gone: 3 }))).toBe(true);
    expect(summary(await sending)).toEqual({ 'gone/0': 'unknown BROKER_UNAVAILABLE' });
  });
});
