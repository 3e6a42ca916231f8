import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SendMessageBatchResult,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import { untilAborted } from '../deadline.ts';
import { classifyEntry, classifyRejection, wrongTime } from './classify.ts';
import { type Answer, type Answers, type Failure, type Queue, type SqsClient, unanswered } from './client.ts';
import type { SqsBroker } from './config.ts';
import type { Message } from './encode.ts';

/** It would print to the console. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** More than the sink ever has open, so that no request waits for a connection with its deadline running. */
const maxSockets = 256;

function settingsOf({ region, endpoint, credentials }: SqsBroker): SQSClientConfig {
  return {
    region,
    // Whoever publishes repeats, in order.
    maxAttempts: 1,
    logger: silent,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && {
      credentials: {
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: credentials.secretAccessKey.reveal(),
        ...(credentials.sessionToken && { sessionToken: credentials.sessionToken.reveal() }),
      },
    }),
  };
}

function toEntry({ body, attributes, order }: Message, at: number): SendMessageBatchRequestEntry {
  const named = Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]);
  return {
    Id: String(at),
    MessageBody: body,
    MessageAttributes: Object.fromEntries(named),
    ...(order && { MessageGroupId: order.group, MessageDeduplicationId: order.deduplicationId }),
  };
}

function answersTo(count: number, queue: Queue, { Successful = [], Failed = [] }: SendMessageBatchResult): Answers {
  const answers = new Map<string | undefined, Answer>();
  for (const { Id, MessageId = '', SequenceNumber } of Successful) {
    const receipt = { queue: queue.name, messageId: MessageId };
    answers.set(Id, {
      status: 'stored',
      receipt: SequenceNumber === undefined ? receipt : { ...receipt, sequenceNumber: SequenceNumber },
    });
  }
  for (const failed of Failed) answers.set(failed.Id, classifyEntry(failed));
  return { each: Array.from({ length: count }, (_, at) => answers.get(String(at)) ?? unanswered) };
}

/** So far may the clock of a request be off, in milliseconds, before that is why it was refused. SQS allows 5 minutes. */
const clockToleranceMs = 60_000;

/** The AWS SDK behind the border. */
export function createAwsClient(broker: SqsBroker): SqsClient {
  const settings = settingsOf(broker);
  const first = new SQSClient({
    ...settings,
    requestHandler: { httpAgent: { maxSockets }, httpsAgent: { maxSockets } },
  });
  const { requestHandler } = first.config;
  let sdk = first;
  let loggedIn = false;
  let closed = false;

  /** Asks the chain for credentials anew, over the connections that there are: what is on its way goes on. */
  function renew(): void {
    sdk = new SQSClient({ ...settings, requestHandler, systemClockOffset: sdk.config.systemClockOffset });
  }

  /** Fixed credentials never get better. */
  function lasting({ status, error }: Failure): Failure {
    if (error.code !== 'BROKER_CREDENTIALS_EXPIRED' || !broker.credentials) return { status, error };
    const { message } = error;
    const hint = 'Those under `credentials` of the broker have expired: renew them, or leave them to the AWS SDK.';
    return { status, error: new BridgeError('BROKER_AUTH_REFUSED', message, { hint }) };
  }

  async function call<Result>(
    what: string,
    signal: AbortSignal,
    work: (sdk: SQSClient) => Promise<Result>,
  ): Promise<Result | { readonly whole: Failure }> {
    if (signal.aborted) return { whole: { status: 'refused', error: toBridgeError(signal.reason) } };
    if (closed) return { whole: { status: 'refused', error: new BridgeError('STOPPING', 'the sink is closed') } };
    const used = sdk;
    const offsetMs = used.config.systemClockOffset;
    try {
      const result = await untilAborted(work(used), signal);
      loggedIn = true;
      return result;
    } catch (thrown) {
      if (thrown instanceof BridgeError) return { whole: { status: 'unknown', error: thrown } };
      const failure = classifyRejection(thrown, what, loggedIn);
      const { code } = failure.error;
      const forCredentials = code === 'BROKER_CREDENTIALS_EXPIRED' || code === 'BROKER_AUTH_REFUSED';
      // The library learns the right time from each answer.
      const offMs = used.config.systemClockOffset - offsetMs;
      if (forCredentials && Math.abs(offMs) > clockToleranceMs) return { whole: wrongTime(what, offMs) };
      if (forCredentials && sdk === used && !closed) renew();
      return { whole: lasting(failure) };
    }
  }

  return {
    async queueUrl(name, signal) {
      const command = new GetQueueUrlCommand({ QueueName: name });
      const what = `look for queue ${name}`;
      const answer = await call(what, signal, (used) => used.send(command, { abortSignal: signal }));
      if ('whole' in answer) return answer.whole.error;
      return answer.QueueUrl ?? new BridgeError('BROKER_UNAVAILABLE', `${what}: the answer has no URL`);
    },
    async send(queue, messages, signal) {
      const command = new SendMessageBatchCommand({ QueueUrl: queue.url, Entries: messages.map(toEntry) });
      const what = `send to queue ${queue.name}`;
      const answer = await call(what, signal, (used) => used.send(command, { abortSignal: signal }));
      return 'whole' in answer ? answer : answersTo(messages.length, queue, answer);
    },
    async attributes(queue, signal) {
      const command = new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['All'] });
      const what = `look at queue ${queue.name}`;
      const answer = await call(what, signal, (used) => used.send(command, { abortSignal: signal }));
      if ('whole' in answer) return answer.whole.error;
      return new Map(Object.entries(answer.Attributes ?? {}));
    },
    close() {
      closed = true;
      first.destroy();
    },
  };
}
