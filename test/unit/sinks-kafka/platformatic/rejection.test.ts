import { MultipleErrors, NetworkError, ResponseError } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import { BridgeError } from '../../../../src/core/errors.ts';
import type { Answer } from '../../../../src/sinks/kafka/client.ts';
import { readRejection } from '../../../../src/sinks/kafka/platformatic/rejection.ts';

/** As the client rejects when a broker's response to a produce has errors: code by partition, 0 for none. */
function refusal(partitions: Readonly<Record<string, number>>): ResponseError {
  const responses = Object.entries(partitions).map(([name, errorCode]) => ({
    name: name.split('/')[0],
    partitionResponses: [{ index: Number(name.split('/')[1]), errorCode, baseOffset: errorCode === 0 ? 7n : -1n }],
  }));
  const errors = Object.entries(partitions).filter(([, code]) => code !== 0);
  return new ResponseError(0, 11, Object.fromEntries(errors.map(([name, code]) => [name, [code, null]])), {
    responses,
  });
}

function summary(answers: ReadonlyMap<string, Answer>): Record<string, string> {
  return Object.fromEntries(
    Array.from(answers, ([partition, answer]) => [
      partition,
      answer.status === 'written' ? `@${answer.firstOffset}` : `${answer.status} ${answer.error.code}`,
    ]),
  );
}

const [tooLarge, notLeader, forbidden] = [10, 6, 29];

describe('a rejected send', () => {
  test('leaves confirmed what one broker had written beside what it refused', () => {
    const error = new MultipleErrors('', [refusal({ 'a/0': tooLarge, 'a/1': 0, 'b/0': forbidden, 'c/0': notLeader })]);
    expect(summary(readRejection(error, ['a/0', 'a/1', 'b/0', 'c/0'], 'kafka'))).toEqual({
      'a/0': 'refused EVENT_TOO_LARGE',
      'a/1': '@7',
      'b/0': 'refused BROKER_NOT_AUTHORISED',
      'c/0': 'unknown BROKER_UNAVAILABLE',
    });
  });

  test('leaves confirmed what other brokers had written', () => {
    const error = Object.assign(new MultipleErrors('', [new NetworkError('closed')]), {
      produced: { offsets: [{ topic: 'b', partition: 0, offset: 3n }] },
    });
    expect(summary(readRejection(error, ['a/0', 'b/0'], 'kafka'))).toEqual({
      'a/0': 'unknown BROKER_UNREACHABLE',
      'b/0': '@3',
    });
  });

  test('says nothing of a partition because another one was refused', () => {
    const error = new MultipleErrors('', [refusal({ 'a/0': tooLarge }), refusal({ 'b/0': forbidden })]);
    expect(summary(readRejection(error, ['a/0', 'b/0', 'c/0'], 'kafka'))).toMatchObject({
      'c/0': 'unknown BROKER_UNAVAILABLE',
    });
  });

  test('goes by the last attempt, but written is written', () => {
    const error = new MultipleErrors('', [
      new MultipleErrors('', [refusal({ 'a/0': notLeader, 'b/0': 0 }), refusal({ 'a/0': tooLarge, 'b/0': notLeader })]),
    ]);
    expect(summary(readRejection(error, ['a/0', 'b/0'], 'kafka'))).toEqual({
      'a/0': 'refused EVENT_TOO_LARGE',
      'b/0': '@7',
    });
  });

  test.each(['STOPPING', 'BROKER_TIMEOUT'] as const)('that was given up with %s is unknown', (code) => {
    expect(summary(readRejection(new BridgeError(code, ''), ['a/0'], 'kafka'))).toEqual({ 'a/0': `unknown ${code}` });
  });
});
