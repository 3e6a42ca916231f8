import { SendMessageBatchCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import type { BareClient, BareMessage } from './bare-client.ts';

function text(value: string) {
  return { DataType: 'String', StringValue: value };
}

function attributesOf({ id, key }: BareMessage) {
  return {
    'content-type': text('application/cloudevents+json; charset=UTF-8'),
    ce_id: text(id),
    ce_source: text('/bench/sinks'),
    ce_type: text('com.example.measured'),
    ce_partitionkey: text(key.toString()),
  };
}

/** Each send is one SendMessageBatch, over connections that are kept. */
export function openBareSqs(settings: SQSClientConfig, fifo: boolean): BareClient {
  const client = new SQSClient(settings);
  return {
    async send(url, messages) {
      const entries = messages.map((message, at) => ({
        Id: String(at),
        MessageBody: message.value.toString(),
        MessageAttributes: attributesOf(message),
        ...(fifo && { MessageGroupId: message.key.toString(), MessageDeduplicationId: message.id }),
      }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }));
      if (Failed.length > 0) throw new Error(`refused: ${JSON.stringify(Failed[0])}`);
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
}
