import { setTimeout as delay } from 'node:timers/promises';
import {
  addPartitionsToTxnV3,
  type Connection,
  type describeTransactionsV0,
  type endTxnV4,
  FindCoordinatorKeyTypes,
  type findCoordinatorV6,
  type initProducerIdV5,
  UnsupportedApiError,
} from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import { untilAborted } from '../../deadline.ts';
import { codeOf } from '../kafka-codes.ts';
import type { Decision, ProducerIdentity } from '../transactional-client.ts';
import { answerOf, askWithin, errorName } from './ask-connection.ts';
import type { AnyProducer } from './call.ts';

/** The broker that keeps the book of a transactional id. Rejects with BridgeErrors, and with the errors of the client. */
export interface Coordinator {
  /** Rejects where the broker does not let the id have transactions. */
  find(signal: AbortSignal): Promise<Connection>;
  /** As `TransactionalClient.decided`. */
  decided(signal: AbortSignal): Promise<Decision | undefined>;
  /** As `TransactionalClient.fence`. */
  fence(known: ProducerIdentity | undefined, signal: AbortSignal): Promise<ProducerIdentity>;
  /** Makes partitions part of the transaction, which begins with the first ones. */
  enlist(
    identity: ProducerIdentity,
    partitions: ReadonlyMap<string, readonly number[]>,
    signal: AbortSignal,
  ): Promise<void>;
  end(identity: ProducerIdentity, commit: boolean, signal: AbortSignal): Promise<void>;
}

/** Answers after which nothing has been done, and the same request soon does better; those of the second set want another broker. */
const comeAgain: ReadonlySet<string> = new Set(['CONCURRENT_TRANSACTIONS', 'COORDINATOR_LOAD_IN_PROGRESS']);
const moved: ReadonlySet<string> = new Set(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE']);

/** What the broker says of a transactional id between two transactions. */
const decisions: Readonly<Record<string, Decision>> = {
  CompleteCommit: 'commit',
  CompleteAbort: 'abort',
  Empty: 'nothing',
};
const ending: ReadonlySet<string> = new Set(['PrepareCommit', 'PrepareAbort']);

/** The last transaction is being written out for a few milliseconds after its end. */
const firstWaitMs = 2;
const longestWaitMs = 100;

const nobody: ProducerIdentity = { producerId: -1n, producerEpoch: -1 };

export function createCoordinator(
  producer: AnyProducer,
  brokerName: string,
  transactionalId: string,
  transactionMs: number,
): Coordinator {
  let connection: Connection | undefined;

  function refusal(name: string): BridgeError {
    return new BridgeError(codeOf(name), `${brokerName}, transactions of ${transactionalId}: ${name}`);
  }

  /** Repeats a request that gives the name of an error in the answer, while that says that nothing was done. */
  async function patiently(
    signal: AbortSignal,
    ask: (connection: Connection) => Promise<string | undefined>,
    mayMove = true,
  ): Promise<void> {
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      connection ??= await find(signal);
      const name = await ask(connection);
      if (name === undefined) return;
      if (mayMove && moved.has(name)) connection = undefined;
      else if (!comeAgain.has(name)) throw refusal(name);
      await untilAborted(delay(waitMs, undefined, { signal }), signal);
    }
  }

  async function find(signal: AbortSignal): Promise<Connection> {
    const ask = askWithin(producer, signal);
    type Found = findCoordinatorV6.FindCoordinatorResponse;
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      const cluster = await untilAborted(producer.metadata({ topics: [], retries: 0 }), signal);
      const any = await untilAborted(producer.connections.getFirstAvailable([...cluster.brokers.values()]), signal);
      const request: findCoordinatorV6.FindCoordinatorRequest = [
        FindCoordinatorKeyTypes.TRANSACTION,
        [transactionalId],
      ];
      const { coordinators } = await ask<typeof request, Found>(any, 'FindCoordinator', ...request);
      const [found] = coordinators;
      const name = found ? errorName(found.errorCode) : 'COORDINATOR_NOT_AVAILABLE';
      if (found && name === undefined) {
        return await untilAborted(producer.connections.get({ host: found.host, port: found.port }), signal);
      }
      if (name !== undefined && !comeAgain.has(name) && !moved.has(name)) throw refusal(name);
      await untilAborted(delay(waitMs, undefined, { signal }), signal);
    }
  }

  async function stateOf(to: Connection, signal: AbortSignal): Promise<{ error?: string | undefined; state?: string }> {
    const ask = askWithin(producer, signal);
    type Described = describeTransactionsV0.DescribeTransactionsResponse;
    const request: describeTransactionsV0.DescribeTransactionsRequest = [[transactionalId]];
    try {
      const { transactionStates } = await ask<typeof request, Described>(to, 'DescribeTransactions', ...request);
      const [found] = transactionStates;
      return found ? { error: errorName(found.errorCode), state: found.transactionState } : {};
    } catch (error) {
      // Brokers before 3.0 do not know the request.
      if (error instanceof UnsupportedApiError) return {};
      throw error;
    }
  }

  return {
    find,

    async decided(signal) {
      let last: Decision | undefined;
      await patiently(signal, async (to) => {
        const { error, state = '' } = await stateOf(to, signal);
        last = decisions[state];
        if (ending.has(state)) return 'CONCURRENT_TRANSACTIONS';
        return error !== undefined && (comeAgain.has(error) || moved.has(error)) ? error : undefined;
      });
      return last;
    },

    async fence(known = nobody, signal) {
      const ask = askWithin(producer, signal);
      const { producerId, producerEpoch } = known;
      let identity = known;
      await patiently(signal, async (to) => {
        const request: initProducerIdV5.InitProducerIdRequest = [
          transactionalId,
          transactionMs,
          producerId,
          producerEpoch,
        ];
        const answer = await ask<typeof request, initProducerIdV5.InitProducerIdResponse>(
          to,
          'InitProducerId',
          ...request,
        );
        identity = { producerId: answer.producerId, producerEpoch: answer.producerEpoch };
        return errorName(answer.errorCode);
      });
      return identity;
    },

    async enlist(identity, partitions, signal) {
      const topics = Array.from(partitions, ([name, own]) => ({ name, partitions: [...own] }));
      await patiently(signal, async (to) => {
        // Later versions are for brokers among themselves, and want the rights of one.
        const asked = addPartitionsToTxnV3.api.async(to, [{ transactionalId, ...identity, verifyOnly: false, topics }]);
        const { resultsByTransaction } = await untilAborted(answerOf(asked), signal);
        const names = resultsByTransaction
          .flatMap(({ topicResults }) => topicResults)
          .flatMap(({ resultsByPartition }) => resultsByPartition)
          .flatMap(({ partitionErrorCode }) => errorName(partitionErrorCode) ?? []);
        // One bad partition keeps the others from being added: its own error says why.
        return names.find((name) => name !== 'OPERATION_NOT_ATTEMPTED') ?? names[0];
      });
    },

    async end({ producerId, producerEpoch }, commit, signal) {
      const ask = askWithin(producer, signal);
      const request: endTxnV4.EndTxnRequest = [transactionalId, producerId, producerEpoch, commit];
      const send = async (to: Connection) => {
        const { errorCode } = await ask<typeof request, endTxnV4.EndTxnResponse>(to, 'EndTxn', ...request);
        return errorName(errorCode);
      };
      // A coordinator that has just moved may have begun to end it.
      await patiently(signal, send, false);
    },
  };
}
