import { connect } from 'amqplib';
import { rabbitmqSinkType } from '../../src/sinks/rabbitmq/index.ts';
import { givenRabbitmq } from '../../test/support/rabbitmq/given.ts';
import {
  bindQueue,
  declareExchange,
  deleteExchange,
  manage,
  uniqueName,
} from '../../test/support/rabbitmq/management.ts';
import { startOwnRabbitmq } from '../../test/support/rabbitmq/native-broker.ts';
import { openBareRabbitmq } from '../support/bare-rabbitmq.ts';
import type { SinkSubject } from './sink-subject.ts';

/** Room for all that a case stores: no alarm is to stop it. */
const settings = ['vm_memory_high_watermark.absolute = 2GB'];

const notes = [
  'Broker: a quorum queue behind a topic exchange; both sides send the same message, persistent and mandatory, and await its confirm.',
  'bare: one confirm channel with up to 512 messages on their way. It gives up order: what follows a message that is refused is already sent. bare in order: of each lane one message on its way, as with feedferry.',
];

/** On the broker of FEEDFERRY_TEST_RABBITMQ, else on one of its own. */
export async function openRabbitmqSubject(): Promise<SinkSubject> {
  const broker = givenRabbitmq() ?? (await startOwnRabbitmq(settings));
  const { url, username, password } = broker;
  const login = { username, password };
  return {
    name: 'sinks-rabbitmq',
    best: { messages: 1, requests: 512 },
    inOrder: (lanes) => ({ messages: 1, requests: lanes }),
    notes,
    async createDestination() {
      const name = uniqueName('bench');
      await declareExchange(broker, name);
      await bindQueue(broker, name, name, { settings: { 'x-queue-type': 'quorum' } });
      return name;
    },
    openSink(exchange) {
      const settings = rabbitmqSinkType.broker.parse({ type: 'rabbitmq', url, ...login });
      const to = rabbitmqSinkType.destination.parse({ broker: 'rabbitmq', exchange, routingKey: '{partitionkey}' });
      return rabbitmqSinkType.open(settings, to, { pipeline: 'bench', brokerName: 'rabbitmq', baseDir: '/' });
    },
    openBare: () => openBareRabbitmq(broker),
    /** By AMQP: the leader of the queue answers, not statistics. */
    async count(queue) {
      const address = Object.assign(new URL(url), login).href;
      const connection = await connect(address);
      try {
        const channel = await connection.createChannel();
        return (await channel.checkQueue(queue)).messageCount;
      } finally {
        await connection.close();
      }
    },
    async deleteDestination(name) {
      await deleteExchange(broker, name);
      await manage(broker, 'DELETE', `queues/%2F/${name}`);
    },
    [Symbol.asyncDispose]: () => broker.stop(),
  };
}
