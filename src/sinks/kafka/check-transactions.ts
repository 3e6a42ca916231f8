import type { FeedName } from '../../core/batch.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import { withDeadline } from '../deadline.ts';
import { checkMarks } from './check-marks.ts';
import type { KafkaClient } from './client.ts';
import type { KafkaBroker, KafkaDestination } from './config.ts';
import type { ConnectTransactional } from './transactional-client.ts';
import { transactionalIdOf, transactionMsOf } from './transactional-id.ts';

export interface TransactionsCheck {
  readonly broker: KafkaBroker;
  readonly brokerName: string;
  readonly destination: KafkaDestination;
  readonly connectPlain: () => KafkaClient;
  readonly connect: ConnectTransactional;
}

const checkMs = 5_000;

/** What exactly-once needs besides the topics of the feeds. Changes nothing, fences nobody. Never rejects. */
export async function checkTransactions(
  check: TransactionsCheck,
  feeds: readonly FeedName[],
  outer: AbortSignal,
): Promise<readonly Finding[]> {
  const { brokerName } = check;
  const late = () => new BridgeError('BROKER_TIMEOUT', `${brokerName} did not answer within ${checkMs} ms`);
  return await withDeadline(outer, checkMs, late, async (signal) => {
    const marks = await lookAtMarks(check, signal);
    // A broker that cannot be asked has been told of already.
    if (marks === undefined) return [];
    const found = await Promise.all(feeds.map((feed) => inspect(check, feed, signal)));
    return [...marks, ...found.flat()];
  });
}

async function lookAtMarks(
  { broker, brokerName, destination: { marks }, connectPlain }: TransactionsCheck,
  signal: AbortSignal,
): Promise<readonly Finding[] | undefined> {
  const client = connectPlain();
  try {
    const described = await client.describe([marks], signal);
    if (described instanceof BridgeError) return undefined;
    const facts = described.topics.get(marks);
    return facts ? checkMarks(marks, facts, { broker, brokerName, brokers: described.brokers }) : [];
  } finally {
    await client.close();
  }
}

async function inspect(
  { broker, destination, connect }: TransactionsCheck,
  feed: FeedName,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const transactionalId = transactionalIdOf(destination, feed);
  const neededMs = transactionMsOf(broker);
  const client = connect(transactionalId, neededMs);
  try {
    const longestMs = await client.inspect(signal);
    if (longestMs === undefined || longestMs >= neededMs) return [];
    return [
      {
        severity: 'error',
        subject: feed,
        code: 'TRANSACTION_TIME_REFUSED',
        message: `transaction.max.timeout.ms=${longestMs} of the broker is less than the ${neededMs} ms that transactions are given: twice confirmTimeout`,
        hint: 'Raise it, or lower `confirmTimeout`.',
      },
    ];
  } catch (thrown) {
    const { code, message, hint } = toBridgeError(thrown);
    const grant = `Grant the account the permissions Write and Describe on the transactional id ${transactionalId}.`;
    return [{ severity: 'error', subject: feed, code, message, hint: code === 'BROKER_NOT_AUTHORISED' ? grant : hint }];
  } finally {
    await client.close();
  }
}
