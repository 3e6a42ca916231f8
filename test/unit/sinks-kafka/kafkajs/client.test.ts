import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { BridgeError } from '../../../../src/core/errors.ts';
import { kafkaBroker, kafkaDestination } from '../../../../src/sinks/kafka/config.ts';
import { createKafkajsClient } from '../../../../src/sinks/kafka/kafkajs/client.ts';
import { type Login, startFakeBroker } from './fake-broker.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
const never = new AbortController().signal;
const record = {
  topic: 't',
  partition: 0,
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  headers: new Map<Buffer, Buffer>(),
};

function connectTo(addresses: readonly string[], settings: object = {}) {
  const sasl = { mechanism: 'plain', username: 'ferry', password: 'open sesame' };
  const broker = kafkaBroker.parse({
    type: 'kafka',
    client: 'kafkajs',
    bootstrap: addresses,
    confirmTimeout: '200ms',
    sasl,
    ...settings,
  });
  return createKafkajsClient(broker, kafkaDestination.parse({ broker: 'kafka', topic: 't' }), 'kafka');
}

describe('logging in', () => {
  test.each<[Login, string]>([
    ['refuse', 'BROKER_AUTH_REFUSED'],
    ['hang', 'BROKER_TIMEOUT'],
    ['break off', 'BROKER_UNREACHABLE'],
  ])('"%s" is %s, though the library calls it the same', async (login, code) => {
    await using broker = await startFakeBroker(login);
    const client = connectTo([broker.address]);
    expect(await client.partitions([], never)).toMatchObject({ code });
    const answers = await client.send([record], never);
    expect(answers.get('t/0')).toMatchObject({ status: 'refused', error: { code } });
    await client.close();
  });

  test('never shows the password', async () => {
    await using broker = await startFakeBroker('refuse');
    const client = connectTo([broker.address]);
    expect(String(await client.partitions([], never))).not.toContain('sesame');
    await client.close();
  });

  test.runIf(hasIpv6)('works at an IPv6 address', async () => {
    await using broker = await startFakeBroker('accept', '::1');
    const client = connectTo([broker.address]);
    expect(await client.partitions([], never)).toEqual(new Map());
    await client.close();
  });
});

describe('bootstrap servers', () => {
  test('that hang are passed over for those that do not', async () => {
    await using hanging = await startFakeBroker('hang');
    await using good = await startFakeBroker('accept');
    const client = connectTo([hanging.address, good.address]);
    expect(await client.partitions([], never)).toEqual(new Map());
    await client.close();
  });

  test('are all tried before it is called unreachable, and given up at the deadline', async () => {
    const client = connectTo(['127.0.0.1:1', '127.0.0.1:2']);
    expect(await client.partitions(['t'], never)).toMatchObject({ code: 'BROKER_UNREACHABLE' });
    await client.close();
    await using hanging = await startFakeBroker('hang');
    const waiting = connectTo([hanging.address], { confirmTimeout: '1h' });
    const controller = new AbortController();
    const asked = waiting.partitions(['t'], controller.signal);
    await expect.poll(hanging.connections).toBe(1);
    controller.abort(new BridgeError('STOPPING', 'stop'));
    expect(await asked).toMatchObject({ code: 'STOPPING' });
    await waiting.close();
  });
});

test('closing leaves no connection, no timer and no rejection behind', async () => {
  await using broker = await startFakeBroker('hang');
  const inUse = () => process.getActiveResourcesInfo().filter((kind) => /TCPSocketWrap|Timeout/.test(kind)).length;
  const client = connectTo([broker.address], { confirmTimeout: '1h' });
  const asked = client.send([record], never);
  await expect.poll(broker.connections).toBe(1);
  const withIt = inUse();
  await client.close();
  expect((await asked).get('t/0')?.status).toBe('refused');
  await expect.poll(inUse).toBeLessThan(withIt);
});
