import { startFaultProxy } from '../../support/fault-proxy/fault-proxy.ts';
import { ownRabbitmqSuite } from '../../support/rabbitmq/acquire.ts';
import { rabbitmqGround } from '../rabbitmq-ground.ts';
import { declareCells } from './declare-cells.ts';
import { confirmTimeout } from './site.ts';

const suite = await ownRabbitmqSuite();

suite('into RabbitMQ', (broker) =>
  declareCells('rabbitmq', async ({ fault }, resources) => {
    const own = { killable: broker, freezable: broker };
    if (fault !== 'network faults') return { ground: await rabbitmqGround(broker), ...own };
    const network = await startFaultProxy(new URL(broker.url).host);
    resources.defer(() => network.stop());
    const ground = await rabbitmqGround(broker, { url: `amqp://${network.address}`, confirmTimeout });
    return { ground, ...own, network };
  }));
