import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { declareExchange, drainQueue, uniqueName } from '../support/rabbitmq/management.ts';
import type { OwnRabbitmq } from '../support/rabbitmq/native-broker.ts';
import { watchQueues } from '../support/rabbitmq/queue-watch.ts';
import { bindQuorumQueues } from '../support/rabbitmq/quorum-queue.ts';
import type { Ground } from './ground.ts';

/**
 * A quorum queue for each feed, bound to one exchange by routing key, read by the management API. `settings`: of the
 * broker in the bridge's configuration.
 *
 * RabbitMQ does not tell when it took a message. So a complete takes effect only when a consumer has seen all events of
 * its batch in the queue, and is judged early when one of them does not come. What was told complete before it was
 * confirmed, and stored a moment later, is not found out by that; where the broker dies in between, it is.
 */
export async function rabbitmqGround(
  broker: OwnRabbitmq,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Ground> {
  const exchange = uniqueName('crash');
  const queueOf = (feed: string) => `${exchange}.${feed}`;
  await declareExchange(broker, exchange, 'direct');
  await bindQuorumQueues(
    broker,
    exchange,
    feedNames.map((feed) => ({ queue: queueOf(feed), key: feed })),
  );
  const watch = await watchQueues(broker, feedNames.map(queueOf));
  const { url, username, password } = broker;
  return {
    destination: {
      broker: { type: 'rabbitmq', url, username, password, ...settings },
      to: { exchange, routingKey: '{feed}' },
    },
    keepsOrder: true,
    absent: (feed, ids) => watch.absent(queueOf(feed), ids),
    async read() {
      await watch.leave();
      const perFeed = feedNames.map(async (feed) => {
        const messages = await drainQueue(broker, queueOf(feed));
        return messages.map(({ body }) => ({ feed, bytes: body }));
      });
      return (await Promise.all(perFeed)).flat();
    },
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
}
