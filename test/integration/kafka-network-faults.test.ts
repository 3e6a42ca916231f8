import { sinkNetworkFaults } from '../conformance/sink-network.ts';
import { proxiedKafkaSuite } from '../support/kafka/acquire.ts';
import { openFeedsPlace } from '../support/kafka/feeds-place.ts';
import { clients } from '../support/kafka/sink-calls.ts';

const suite = await proxiedKafkaSuite(clients.length);

suite('the Kafka sink, when the network fails:', ({ bootstrap, proxies }) => {
  for (const [at, client] of clients.entries()) {
    sinkNetworkFaults({
      name: `kafka (${client})`,
      async open() {
        const proxy = proxies[at];
        if (!proxy) throw new Error(`${client} has no network`);
        return await openFeedsPlace(bootstrap, proxy, { client });
      },
    });
  }
});
