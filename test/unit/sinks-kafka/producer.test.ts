import { describe, expect, test } from 'vitest';
import { BridgeError, type ErrorCode } from '../../../src/core/errors.ts';
import type { Answer, KafkaSender } from '../../../src/sinks/kafka/client.ts';
import { createReplacingClient } from '../../../src/sinks/kafka/producer.ts';

const never = new AbortController().signal;

function setup(answers: readonly Answer[], close: () => Promise<void> = async () => {}) {
  const life: string[] = [];
  const left = [...answers];
  const client = createReplacingClient((): KafkaSender => {
    const name = `client ${life.filter((line) => line.startsWith('made')).length}`;
    life.push(`made ${name}`);
    return {
      partitions: async () => new BridgeError('BROKER_UNREACHABLE', ''),
      send: async () => new Map([['t/0', left.shift() ?? written]]),
      close: async () => {
        life.push(`closed ${name}`);
        await close();
      },
    };
  });
  return { client, life };
}

const written: Answer = { status: 'written', firstOffset: 0n };
const refused = (code: ErrorCode): Answer => ({ status: 'refused', error: new BridgeError(code, '') });

describe('the client', () => {
  test('is made when first used, and kept while its outcomes are known', async () => {
    const { client, life } = setup([written, refused('EVENT_TOO_LARGE'), refused('BROKER_NOT_AUTHORISED'), written]);
    expect(life).toEqual([]);
    for (let send = 0; send < 4; send++) await client.send([], never);
    expect(life).toEqual(['made client 0']);
    await client.close();
    expect(life).toEqual(['made client 0', 'closed client 0']);
  });

  test('is replaced after an unknown outcome', async () => {
    const { client, life } = setup([{ status: 'unknown', error: new BridgeError('BROKER_UNAVAILABLE', '') }, written]);
    await client.send([], never);
    await client.send([], never);
    expect(life).toEqual(['made client 0', 'closed client 0', 'made client 1']);
  });

  test('is replaced when there was no connection', async () => {
    const { client, life } = setup([]);
    await client.partitions([], never);
    await client.send([], never);
    expect(life).toEqual(['made client 0', 'closed client 0', 'made client 1']);
  });

  test('does not make a send wait for the closing of the one before', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const { client } = setup([refused('BROKER_TIMEOUT'), written], () => closed);
    await client.send([], never);
    expect(await client.send([], never)).toEqual(new Map([['t/0', written]]));
    resolve();
    await client.close();
  });

  test('is not made again after the end', async () => {
    const { client, life } = setup([]);
    await client.close();
    expect(await client.partitions(['t'], never)).toMatchObject({ code: 'STOPPING' });
    expect(await client.send([], never)).toEqual(new Map());
    expect(life).toEqual([]);
  });
});
