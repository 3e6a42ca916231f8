import { isUnsupported, type SinkFixture, type StoredEvent } from '../conformance/sink/harness.ts';
import { sinkConformance } from '../conformance/sink.ts';
import { sqsSuite, type UsedSqs } from '../support/sqs/acquire.ts';
import { createQueue, drainQueue, type ReadMessage } from '../support/sqs/protocol.ts';
import { openSink, uniqueName } from '../support/sqs/sink-calls.ts';

const deadlineMs = 1_500;

/** The data of a structured event as it stands in its bytes: it comes last, and nothing before it reads the same. */
function dataOf(body: string, event: { data_base64?: string }): Uint8Array {
  if (event.data_base64 !== undefined) return Buffer.from(event.data_base64, 'base64');
  const member = ',"data":';
  return Buffer.from(body.slice(body.indexOf(member) + member.length, -1));
}

function toStored(queue: string, { messageId, body }: ReadMessage): StoredEvent {
  const event = JSON.parse(body);
  return {
    id: event.id,
    partitionkey: event.partitionkey,
    bytes: Buffer.from(body),
    data: dataOf(body, event),
    receipt: { queue, messageId },
  };
}

async function openFixture({ endpoint, own }: UsedSqs, end: '' | '.fifo'): Promise<SinkFixture> {
  const stem = uniqueName('conformance');
  const names = [`${stem}-first${end}`, `${stem}-second${end}`];
  const queues = await Promise.all(
    names.map(async (name) => ({ name, url: await createQueue(endpoint, name), read: [] as StoredEvent[] })),
  );
  const open = (queue: string) => openSink(endpoint, queue, { confirmTimeout: `${deadlineMs}ms` });
  const sink = await open(`${stem}-{feed}${end}`);
  return {
    sink,
    feeds: ['conformance/first', 'conformance/second'],
    deadlineMs,
    async read() {
      for (const { name, url, read } of queues) {
        for (const message of await drainQueue(endpoint, url)) read.push(toStored(name, message));
      }
      return queues.flatMap(({ read }) => read);
    },
    outage: isUnsupported(own) ? own : { begin: own.freeze, end: async () => own.thaw() },
    crash: { unsupported: 'the server keeps its queues in memory' },
    oversize: { bytes: 2 * 1024 ** 2 },
    missing: { open: () => open(`${stem}-missing${end}`), name: `${stem}-missing${end}` },
    ordered: end === '.fifo' || { unsupported: 'a standard queue keeps no order' },
    async [Symbol.asyncDispose]() {
      if (!isUnsupported(own)) own.thaw();
      await sink[Symbol.asyncDispose]();
    },
  };
}

const suite = await sqsSuite();

suite('the SQS sink', (sqs) => {
  for (const [kind, end] of [
    ['standard', ''],
    ['FIFO', '.fifo'],
  ] as const) {
    sinkConformance({ name: `sqs (${kind} queue, ElasticMQ 1.7.1)`, open: () => openFixture(sqs, end) });
  }
});
