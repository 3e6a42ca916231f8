import { join } from 'node:path';
import { connect } from 'amqplib';
import { givenRabbitmq } from '../../test/support/rabbitmq/given.ts';
import {
  bindQueue,
  declareExchange,
  deleteExchange,
  manage,
  uniqueName,
} from '../../test/support/rabbitmq/management.ts';
import { startOwnRabbitmq } from '../../test/support/rabbitmq/native-broker.ts';
import { startScript } from '../support/child.ts';
import { collect, dataOfEvent, plainBody, type Stored } from '../support/stored.ts';
import { startStreamingBridge } from './bridge.ts';
import type { Ground } from './subject.ts';

/** Room for all that a round stores: no alarm is to stop it. */
const settings = ['vm_memory_high_watermark.absolute = 2GB'];

/** A quorum queue behind a topic exchange, on the broker of FEEDFERRY_TEST_RABBITMQ, else on one of its own. */
export async function openRabbitmqGround(): Promise<Ground> {
  const broker = givenRabbitmq() ?? (await startOwnRabbitmq(settings));
  const { url, username, password } = broker;
  const connection = await connect(Object.assign(new URL(url), { username, password }).href);
  const channel = await connection.createChannel();

  /** Takes out all that is in the queue now. */
  async function read(queue: string, bodyIn: (value: unknown) => unknown): Promise<Stored> {
    const { messageCount } = await channel.checkQueue(queue);
    const values: string[] = [];
    const { promise: all, resolve } = Promise.withResolvers<void>();
    const take = (message: { readonly content: Buffer } | null) => {
      if (message) values.push(message.content.toString());
      if (values.length === messageCount) resolve();
    };
    const { consumerTag } = await channel.consume(queue, take, { noAck: true });
    if (messageCount > 0) await all;
    await channel.cancel(consumerTag);
    return collect(values, bodyIn);
  }

  return {
    name: 'sse-rabbitmq',
    bare: {
      name: 'bare stream',
      start: (baseUrl, exchange) =>
        startScript(join(import.meta.dirname, 'bare-rabbitmq.ts'), [baseUrl, url, username, password, exchange]),
      read: (queue) => read(queue, plainBody),
    },
    bridge: {
      name: 'feedferry',
      start(baseUrl, exchange, dir, nodeOptions) {
        const to = { exchange, routingKey: '{partitionkey}' };
        const login = { type: 'rabbitmq', url, username, password };
        return startStreamingBridge({ baseUrl, dir, broker: login, to }, nodeOptions);
      },
      read: (queue) => read(queue, dataOfEvent),
    },
    async freshPlace() {
      const name = uniqueName('bench');
      await declareExchange(broker, name);
      await bindQueue(broker, name, name, { settings: { 'x-queue-type': 'quorum' } });
      return {
        name,
        /** By AMQP: the leader of the queue answers, not statistics. */
        count: async () => (await channel.checkQueue(name)).messageCount,
        async [Symbol.asyncDispose]() {
          await deleteExchange(broker, name);
          await manage(broker, 'DELETE', `queues/%2F/${name}`);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await connection.close();
      await broker.stop();
    },
  };
}
