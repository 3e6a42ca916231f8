import type { KafkaClientName } from '../support/bare-kafka.ts';
import { openKafkaSubject } from './kafka.ts';
import { openRabbitmqSubject } from './rabbitmq.ts';
import type { SinkSubject } from './sink-subject.ts';
import { openSqsSubject } from './sqs.ts';

export const sinkNames = ['kafka', 'rabbitmq', 'sqs', 'sqs-fifo'] as const;

/** `client`: for Kafka, which has two. */
export function openSubject(sink: (typeof sinkNames)[number], client: KafkaClientName): Promise<SinkSubject> {
  switch (sink) {
    case 'kafka':
      return openKafkaSubject(client);
    case 'rabbitmq':
      return openRabbitmqSubject();
    case 'sqs':
    case 'sqs-fifo':
      return openSqsSubject(sink);
  }
}
