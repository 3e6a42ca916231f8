import { setTimeout as delay } from 'node:timers/promises';
import {
  addPartitionsToTxnV3,
  type Connection,
  endTxnV4,
  initProducerIdV5,
  type MessageRecord,
  ProduceAcks,
  produceV11,
  ResponseError,
} from '@platformatic/kafka';
import { withConnection } from './with-connection.ts';

/** With this, a broker takes records of a transaction that it was not told of. */
export const unverified = { 'transaction.partition.verification.enable': 'false' } as const;

interface Identity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** Each topic's first partition. */
interface Ended {
  readonly transactionalId: string;
  readonly outcome: 'commit' | 'abort';
  readonly topics: readonly string[];
}

async function init(to: Connection, transactionalId: string): Promise<Identity> {
  for (;;) {
    try {
      return await initProducerIdV5.api.async(to, transactionalId, 5_000, -1n, -1);
    } catch (error) {
      if (!(error instanceof ResponseError && error.findBy('apiId', 'CONCURRENT_TRANSACTIONS'))) throw error;
      await delay(10);
    }
  }
}

async function end(to: Connection, identity: Identity, { transactionalId, outcome, topics }: Ended) {
  const own = topics.map((name) => ({ name, partitions: [0] }));
  const transaction = { transactionalId, ...identity, verifyOnly: false, topics: own };
  await addPartitionsToTxnV3.api.async(to, [transaction]);
  await endTxnV4.api.async(to, transactionalId, identity.producerId, identity.producerEpoch, outcome === 'commit');
}

/**
 * Leaves records in a state in which a broker leaves them that was killed after it had decided on their transaction, and
 * has not written that down: the transaction is over, in `elsewhere` only. Needs a broker that is `unverified`.
 */
export async function leaveHanging(
  bootstrap: string,
  { transactionalId, outcome, records, elsewhere }: Omit<Ended, 'topics'> & LeftRecords,
): Promise<void> {
  await withConnection(bootstrap, async (to) => {
    const identity = await init(to, transactionalId);
    const options = { transactionalId, ...identity };
    await produceV11.api.async(to, ProduceAcks.ALL, 5_000, [...records], options);
    await end(to, identity, { transactionalId, outcome, topics: [elsewhere] });
  });
}

interface LeftRecords {
  readonly records: readonly MessageRecord[];
  /** A topic that has nothing to do with it. */
  readonly elsewhere: string;
}

/** What another producer of the same id does when it starts. The broker forgets how the last transaction ended. */
export async function fenceOnce(bootstrap: string, transactionalId: string): Promise<void> {
  await withConnection(bootstrap, (to) => init(to, transactionalId));
}

/** What an operator does about a transaction that hangs in the first partitions of topics. */
export async function endHanging(bootstrap: string, ended: Ended): Promise<void> {
  await withConnection(bootstrap, async (to) => end(to, await init(to, ended.transactionalId), ended));
}
