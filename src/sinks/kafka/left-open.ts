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
 * `decision`: asked for before fencing, which makes the broker forget it. Rejects with TRANSACTION_HANGING where that is
 * not known: either end may be the wrong one.
 */
export async function endLeftOpen(
  { client, brokerName, transactionalId, marks, topic }: LeftOpen,
  decision: Decision | undefined,
  signal: AbortSignal,
): Promise<void> {
  if ((decision !== 'commit' && decision !== 'abort') || topic === undefined) {
    const why = topic === undefined ? 'which topics it is in' : 'how it ended';
    throw new BridgeError(
      'TRANSACTION_HANGING',
      `${brokerName}: a transaction of ${transactionalId} hangs in topic ${marks}, and it is not known ${why}`,
    );
  }
  const counts = await client.partitions([topic], signal);
  const count = counts instanceof BridgeError ? counts : counts.get(topic);
  if (count === undefined) throw new BridgeError('BROKER_UNAVAILABLE', `topic ${topic} is not known`);
  if (count instanceof BridgeError) throw count;
  // Harmless where it is not open.
  const everywhere = new Map([
    [topic, Array.from({ length: count }, (_, partition) => partition)],
    [marks, [marksPartition]],
  ]);
  await client.settle(decision, everywhere, signal);
}
