import { connect } from 'amqplib';
import type { StartedRabbitmq } from '../../test/support/rabbitmq/started-rabbitmq.ts';
import type { BareClient } from './bare-client.ts';

export type RabbitmqLogin = Pick<StartedRabbitmq, 'url' | 'username' | 'password'>;

/** One confirm channel; whoever sends bounds what is on its way. What no queue takes fails all that follows. */
export async function openBareRabbitmq({ url, username, password }: RabbitmqLogin): Promise<BareClient> {
  const connection = await connect(Object.assign(new URL(url), { username, password }).href, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  let returned = false;
  channel.on('return', () => {
    returned = true;
  });
  return {
    async send(exchange, messages) {
      const confirms = messages.map(({ id, key, value }) => {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        const routingKey = key.toString();
        const options = {
          persistent: true,
          mandatory: true,
          contentType: 'application/cloudevents+json',
          messageId: id,
          type: 'com.example.measured',
          headers: { partitionkey: routingKey },
        };
        channel.publish(exchange, routingKey, value, options, (nack) => (nack ? reject(nack) : resolve()));
        return promise;
      });
      await Promise.all(confirms);
      if (returned) throw new Error('a message found no queue');
    },
    async [Symbol.asyncDispose]() {
      await connection.close();
    },
  };
}
