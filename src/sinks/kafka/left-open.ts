import { BridgeError } from '../../core/errors.ts';
import { marksPartition } from './marks.ts';
import type { Decision, TransactionalClient } from './transactional-client.ts';

export interface LeftOpen {
  readonly client: TransactionalClient;
  readonly brokerName: string;
  readonly transactionalId: string;
  readonly marks: string;
  /** Where the feed publishes; undefined: that depends on the event. */
  readonly topic: string | undefined;
}

/**
 * Ends what the broker has ended and not written down (KAFKA-20734): a broker that has just started forgets to tell the
 * partitions how a transaction ended that was decided before it died. Nobody gets past it there, and no time-out ends it.
 * To be called after fencing, for the id that the feed then has. `decision`: asked for before that, which makes the broker
 * forget it. Rejects with TRANSACTION_HANGING where that is not known: either end may be the wrong one.
 */
export async function endLeftOpen(
  { client, brokerName, transactionalId, marks, topic }: LeftOpen,
  producerId: bigint,
  decision: Decision | undefined,
  signal: AbortSignal,
): Promise<void> {
  const counts = topic === undefined ? undefined : await client.partitions([topic], signal);
  if (counts instanceof BridgeError) throw counts;
  const partitions = new Map([[marks, [marksPartition]]]);
  for (const [name, count] of counts ?? []) {
    // Without the topic there is nothing to end; what is published tells of it.
    if (typeof count === 'number')
      partitions.set(
        name,
        Array.from({ length: count }, (_, partition) => partition),
      );
  }
  if (!(await client.isOpen(partitions, producerId, signal))) return;
  if ((decision !== 'commit' && decision !== 'abort') || topic === undefined) {
    const why = topic === undefined ? 'which topics it is in' : 'how it ended';
    throw new BridgeError(
      'TRANSACTION_HANGING',
      `${brokerName}: a transaction of ${transactionalId} hangs in topic ${marks} or ${topic ?? 'others'}, and it is not known ${why}`,
    );
  }
  // Harmless where it is not open.
  await client.settle(decision, partitions, signal);
}
