import { type describeProducersV0, UnsupportedApiError } from '@platformatic/kafka';
import { untilAborted } from '../../deadline.ts';
import { askWithin } from './ask-connection.ts';
import type { AnyProducer } from './call.ts';

interface Wanted {
  readonly topic: string;
  readonly partition: number;
  readonly producerId: bigint;
}

/** See `TransactionalClient.isOpen`. False also where we may not ask. Rejects with the errors of the client. */
export async function hasOpenTransaction(
  producer: AnyProducer,
  { topic, partition, producerId }: Wanted,
  signal: AbortSignal,
): Promise<boolean> {
  const metadata = await untilAborted(producer.metadata({ topics: [topic], retries: 0 }), signal);
  const leader = metadata.brokers.get(metadata.topics.get(topic)?.partitions[partition]?.leader ?? -1);
  if (!leader) return false;
  const connection = await untilAborted(producer.connections.get(leader), signal);
  const ask = askWithin(producer, signal);
  const request: describeProducersV0.DescribeProducersRequest = [[{ name: topic, partitionIndexes: [partition] }]];
  try {
    const { topics } = await ask<typeof request, describeProducersV0.DescribeProducersResponse>(
      connection,
      'DescribeProducers',
      ...request,
    );
    const producers = topics[0]?.partitions[0]?.activeProducers ?? [];
    return producers.some((each) => each.producerId === producerId && each.currentTxnStartOffset >= 0n);
  } catch (error) {
    // Brokers before 2.8 do not know the request.
    if (error instanceof UnsupportedApiError) return false;
    throw error;
  }
}
