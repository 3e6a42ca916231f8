import { sinkNetworkFaults } from '../conformance/sink-network.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { openFeedsPlace } from '../support/rabbitmq/feeds-place.ts';

const suite = await ownRabbitmqSuite();

suite('the RabbitMQ sink, when the network fails:', (rabbitmq) => {
  for (const kind of ['quorum', 'classic'] as const) {
    sinkNetworkFaults({ name: `rabbitmq (${kind} queue)`, open: () => openFeedsPlace(rabbitmq, kind) });
  }
});
