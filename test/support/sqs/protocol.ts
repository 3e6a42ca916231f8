/** A message as a consumer gets it. */
export interface ReadMessage {
  readonly messageId: string;
  readonly body: string;
  /** The text of its attributes, by name. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly group: string | undefined;
  /** When SQS took it, in milliseconds since the epoch. */
  readonly sentAt: number;
}

type Json = Readonly<Record<string, unknown>>;

/** One call of the JSON protocol of SQS, without any library of AWS. Rejects with the answer when it is no success. */
export async function callSqs(endpoint: string, operation: string, input: Json): Promise<Json> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=reader/20261122/eu-central-1/sqs/aws4_request, Signature=none',
    },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

/** Gives the URL of the queue, which is FIFO when its name says so. */
export async function createQueue(endpoint: string, name: string, attributes: Json = {}): Promise<string> {
  const kind = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  const answer = await callSqs(endpoint, 'CreateQueue', { QueueName: name, Attributes: { ...kind, ...attributes } });
  return String(answer['QueueUrl']);
}

/** The server has its queues in memory. */
export async function deleteQueue(endpoint: string, url: string): Promise<void> {
  await callSqs(endpoint, 'DeleteQueue', { QueueUrl: url });
}

interface Received {
  readonly MessageId: string;
  readonly Body: string;
  readonly ReceiptHandle: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
  readonly Attributes?: Readonly<Record<string, string>>;
}

function toRead({ MessageId, Body, MessageAttributes = {}, Attributes = {} }: Received): ReadMessage {
  const attributes = Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]);
  return {
    messageId: MessageId,
    body: Body,
    attributes: Object.fromEntries(attributes),
    group: Attributes['MessageGroupId'],
    sentAt: Number(Attributes['SentTimestamp']),
  };
}

/** Takes all that is in the queue out of it, in the order in which the queue hands it out. */
export async function drainQueue(endpoint: string, url: string): Promise<readonly ReadMessage[]> {
  const drained: ReadMessage[] = [];
  for (;;) {
    const { Messages = [] } = (await callSqs(endpoint, 'ReceiveMessage', {
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      AttributeNames: ['All'],
    })) as { readonly Messages?: readonly Received[] };
    if (Messages.length === 0) return drained;
    drained.push(...Messages.map(toRead));
    await callSqs(endpoint, 'DeleteMessageBatch', {
      QueueUrl: url,
      Entries: Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle })),
    });
  }
}
