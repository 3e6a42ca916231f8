import type { StoredEvent } from '../../conformance/sink/harness.ts';
import type { FaultSubject } from '../../conformance/sink-network/subject.ts';
import { startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { callSqs, createQueue, drainQueue } from './protocol.ts';
import { openSink, uniqueName } from './sink-calls.ts';

/** How the names of a kind of queue end. */
export type QueueEnd = '' | '.fifo';

/** Where some feeds publish through a network of their own, each to a queue of its own. */
export interface FeedsPlace extends FaultSubject {
  deleteQueues(): Promise<void>;
  createQueues(): Promise<void>;
}

export interface FeedsOptions {
  readonly end: QueueEnd;
  /** Where requests of the sink go, behind its network. Default: to the server. */
  readonly front?: string;
  /** Of the broker's settings, over the usual ones. */
  readonly broker?: object;
}

/** Confirms are waited for during 1.5 s. */
export async function openFeedsPlace(
  endpoint: string,
  { end, front = endpoint, broker }: FeedsOptions,
): Promise<FeedsPlace> {
  const stem = uniqueName('outages');
  const names = ['one', 'two', 'three'].map((feed) => `${stem}-${feed}${end}`);
  const createQueues = () => Promise.all(names.map((name) => createQueue(endpoint, name)));
  const urls = await createQueues();
  const proxy = await startFaultProxy(new URL(front).host);
  const settings = { confirmTimeout: '1500ms', ...broker };
  const stored: StoredEvent[] = [];
  return {
    sink: await openSink(`http://${proxy.address}`, `${stem}-{feed}${end}`, settings),
    proxy,
    feeds: ['outages/one', 'outages/two', 'outages/three'],
    ordered: end === '.fifo' || { unsupported: 'a standard queue keeps no order' },
    async read() {
      for (const { body } of (await Promise.all(urls.map((url) => drainQueue(endpoint, url)))).flat()) {
        const { id, partitionkey, data } = JSON.parse(body);
        stored.push({ id, partitionkey, bytes: Buffer.from(body), data: Buffer.from(JSON.stringify(data)) });
      }
      return stored;
    },
    deleteQueues: async () =>
      void (await Promise.all(urls.map((QueueUrl) => callSqs(endpoint, 'DeleteQueue', { QueueUrl })))),
    createQueues: async () => void (await createQueues()),
    [Symbol.asyncDispose]: () => proxy.stop(),
  };
}
