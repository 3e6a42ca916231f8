import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { createQueue, deleteQueue, drainQueue } from '../support/sqs/protocol.ts';
import { uniqueName } from '../support/sqs/sink-calls.ts';
import type { Ground } from './ground.ts';

export interface SqsGroundOptions {
  /** Of the broker in the bridge's configuration: `{ confirmTimeout: '2s' }`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Where the bridge finds the server, if not where it is: the address of what stands before it. */
  readonly through?: string;
}

/**
 * A queue for each feed, read by the plain protocol. SQS tells of each message when it took it, so that nobody has to
 * look at the queues before the end.
 */
export async function sqsGround(
  endpoint: string,
  kind: 'standard' | 'FIFO',
  { settings = {}, through = endpoint }: SqsGroundOptions = {},
): Promise<Ground> {
  const stem = uniqueName('crash');
  const end = kind === 'FIFO' ? '.fifo' : '';
  const queues = await Promise.all(
    feedNames.map(async (feed) => ({ feed, url: await createQueue(endpoint, `${stem}-${feed}${end}`) })),
  );
  const credentials = { accessKeyId: 'ferry', secretAccessKey: 'the-secret-key' };
  return {
    destination: {
      broker: { type: 'sqs', region: 'eu-central-1', endpoint: through, credentials, ...settings },
      to: { queue: `${stem}-{feed}${end}` },
    },
    keepsOrder: kind === 'FIFO',
    async read() {
      const perFeed = queues.map(async ({ feed, url }) => {
        const messages = await drainQueue(endpoint, url);
        return messages.map(({ body, sentAt }) => ({ feed, bytes: Buffer.from(body), appendedAt: sentAt }));
      });
      return (await Promise.all(perFeed)).flat();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(queues.map(({ url }) => deleteQueue(endpoint, url)));
    },
  };
}
