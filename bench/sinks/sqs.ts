import { sqsSinkType } from '../../src/sinks/sqs/index.ts';
import { callSqs, createQueue } from '../../test/support/sqs/protocol.ts';
import { uniqueName } from '../../test/support/sqs/sink-calls.ts';
import { openBareSqs } from '../support/bare-sqs.ts';
import { startBenchElasticMq } from '../support/elasticmq-server.ts';
import type { SinkSubject } from './sink-subject.ts';

const server =
  'Server: ElasticMQ on the same machine, which most of the time is spent in. Both sides send the same messages with the same attributes.';

const kinds = {
  sqs: {
    end: '',
    best: { messages: 10, requests: 16 },
    notes: [
      server,
      'bare: SendMessageBatch of 10, 16 requests at once. A standard queue keeps no order, with or without the bridge.',
    ],
  },
  'sqs-fifo': {
    end: '.fifo',
    best: { messages: 10, requests: 10 },
    inOrder: (lanes: number) => ({ messages: Math.min(10, lanes), requests: Math.ceil(lanes / 10) }),
    notes: [
      server,
      'bare: SendMessageBatch of 10, 10 requests at once. With one lane it gives up order: what follows a message that is refused is already sent. bare in order: of each message group one message on its way, as with feedferry.',
    ],
  },
} as const;

export async function openSqsSubject(sink: keyof typeof kinds): Promise<SinkSubject> {
  const running = await startBenchElasticMq();
  const { endpoint } = running;
  const { end, ...kind } = kinds[sink];
  const region = 'eu-central-1';
  /** Each side gets its own: the SDK writes into it. */
  const login = () => ({ region, endpoint, credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } });
  return {
    name: `sinks-${sink}`,
    ...kind,
    freshIds: true,
    createDestination: () => createQueue(endpoint, uniqueName('bench') + end),
    openSink(queue) {
      const settings = sqsSinkType.broker.parse({ type: 'sqs', ...login() });
      const to = sqsSinkType.destination.parse({ broker: 'sqs', queue });
      return sqsSinkType.open(settings, to, { pipeline: 'bench', brokerName: 'sqs', baseDir: '/' });
    },
    openBare: async () => openBareSqs(login(), end !== ''),
    async count(url) {
      const names = ['ApproximateNumberOfMessages'];
      const { Attributes } = await callSqs(endpoint, 'GetQueueAttributes', { QueueUrl: url, AttributeNames: names });
      return Number((Attributes as Readonly<Record<string, string>>)['ApproximateNumberOfMessages']);
    },
    deleteDestination: async (url) => void (await callSqs(endpoint, 'DeleteQueue', { QueueUrl: url })),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
