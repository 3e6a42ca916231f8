import { type describeProducersV0, UnsupportedApiError } from '@platformatic/kafka';
import { untilAborted } from '../../deadline.ts';
import { askWithin } from './ask-connection.ts';
import type { AnyProducer } from './call.ts';

/** See `TransactionalClient.isOpen`. Rejects with the errors of the client. */
export async function hasOpenTransaction(
  producer: AnyProducer,
  partitions: ReadonlyMap<string, readonly number[]>,
  producerId: bigint,
  signal: AbortSignal,
): Promise<boolean> {
  const { brokers, topics } = await untilAborted(
    producer.metadata({ topics: [...partitions.keys()], retries: 0 }),
    signal,
  );
  const places = Array.from(partitions, ([name, own]) => own.map((partition) => ({ name, partition }))).flat();
  const byLeader = Map.groupBy(places, ({ name, partition }) => topics.get(name)?.partitions[partition]?.leader);

  async function isOpenAt(leader: number | undefined, own: typeof places): Promise<boolean> {
    const node = brokers.get(leader ?? -1);
    if (!node) return false;
    const connection = await untilAborted(producer.connections.get(node), signal);
    const wanted = Array.from(
      Map.groupBy(own, ({ name }) => name),
      ([name, its]) => ({ name, partitionIndexes: its.map(({ partition }) => partition) }),
    );
    const request: describeProducersV0.DescribeProducersRequest = [wanted];
    const ask = askWithin(producer, signal);
    type Described = describeProducersV0.DescribeProducersResponse;
    const answer = await ask<typeof request, Described>(connection, 'DescribeProducers', ...request);
    return answer.topics
      .flatMap((topic) => topic.partitions)
      .flatMap(({ activeProducers }) => activeProducers)
      .some((each) => each.producerId === producerId && each.currentTxnStartOffset >= 0n);
  }

  try {
    const found = await Promise.all(Array.from(byLeader, ([leader, own]) => isOpenAt(leader, own)));
    return found.includes(true);
  } catch (error) {
    // Brokers before 2.8 do not know the request.
    if (error instanceof UnsupportedApiError) return false;
    throw error;
  }
}
