import type { FaultSubject } from '../conformance/sink-network/subject.ts';
import { sinkNetworkFaults } from '../conformance/sink-network.ts';
import { startFaultProxy } from '../support/fault-proxy/fault-proxy.ts';
import { sqsSuite } from '../support/sqs/acquire.ts';
import { createQueue, drainQueue } from '../support/sqs/protocol.ts';
import { openSink, uniqueName } from '../support/sqs/sink-calls.ts';

async function openSubject(endpoint: string, end: '' | '.fifo'): Promise<FaultSubject> {
  const stem = uniqueName('network');
  const names = ['one', 'two', 'three'].map((feed) => `${stem}-${feed}${end}`);
  const urls = await Promise.all(names.map((name) => createQueue(endpoint, name)));
  const proxy = await startFaultProxy(new URL(endpoint).host);
  return {
    sink: await openSink(`http://${proxy.address}`, `${stem}-{feed}${end}`, { confirmTimeout: '1500ms' }),
    proxy,
    feeds: ['network/one', 'network/two', 'network/three'],
    ordered: end === '.fifo' || { unsupported: 'a standard queue keeps no order' },
    async read() {
      const messages = await Promise.all(urls.map((url) => drainQueue(endpoint, url)));
      return messages.flat().map(({ body }) => {
        const { id, partitionkey, data } = JSON.parse(body);
        return { id, partitionkey, bytes: Buffer.from(body), data: Buffer.from(JSON.stringify(data)) };
      });
    },
    [Symbol.asyncDispose]: () => proxy.stop(),
  };
}

const suite = await sqsSuite();

suite('the SQS sink, when the network fails:', ({ endpoint }) => {
  for (const [kind, end] of [
    ['standard queue', ''],
    ['FIFO queue', '.fifo'],
  ] as const) {
    sinkNetworkFaults({ name: `sqs (${kind})`, open: () => openSubject(endpoint, end) });
  }
});
