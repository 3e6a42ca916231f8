import { sinkNetworkFaults } from '../conformance/sink-network.ts';
import { ownSqsSuite } from '../support/sqs/acquire.ts';
import { openFeedsPlace } from '../support/sqs/feeds-place.ts';

const suite = await ownSqsSuite();

suite('the SQS sink, when the network fails:', ({ endpoint }) => {
  for (const [kind, end] of [
    ['standard queue', ''],
    ['FIFO queue', '.fifo'],
  ] as const) {
    sinkNetworkFaults({ name: `sqs (${kind})`, open: () => openFeedsPlace(endpoint, { end }) });
  }
});
