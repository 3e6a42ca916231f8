import { randomUUID } from 'node:crypto';
import type { FeedName } from '../../core/batch.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { FencedWriter } from '../../core/fenced-writer.ts';
import { withDeadline } from '../deadline.ts';
import type { KafkaRecord } from './client.ts';
import type { KafkaBroker, KafkaDestination } from './config.ts';
import { createFencedWriter } from './fenced-writer.ts';
import { endLeftOpen } from './left-open.ts';
import { encodeMark, type Mark, marksPartition, readMark } from './marks.ts';
import { missingMarks } from './missing-topic.ts';
import type {
  ConnectTransactional,
  Decision,
  OffsetRange,
  ProducerIdentity,
  TransactionalClient,
} from './transactional-client.ts';
import { transactionalIdOf, transactionMsOf } from './transactional-id.ts';
import type { Writing } from './write-transaction.ts';

export interface WriterOptions extends Omit<Writing, 'client'> {
  readonly broker: KafkaBroker;
  readonly brokerName: string;
  readonly destination: KafkaDestination;
  readonly connect: ConnectTransactional;
  /** Where a feed publishes; undefined: that depends on the event. */
  topicOf(feed: FeedName): string | undefined;
}

/** What this process knows of a feed that it has opened and not given up. */
interface Held {
  readonly identity: ProducerIdentity;
  /** The last word before ours. */
  readonly before: Mark | undefined;
}

/** Opening takes a dozen requests, each within the time for a confirm, and a broker that has just started is slow. */
const openConfirms = 3;

const noHeaders = new Map<Buffer, Buffer>();

/**
 * Gives `openWriter` of the sink. A writer says who it is in a transaction of its own, before it gives out its mark. So
 * where a transaction failed, it shows whether the broker has ended it, or another process has taken over.
 */
export function createWriterOpener(options: WriterOptions) {
  const { broker, brokerName, destination, connect, topicOf } = options;
  const owner = randomUUID();
  const held = new Map<FeedName, Held>();
  /** What the broker forgets when we fence. */
  const decisions = new Map<FeedName, Decision>();

  return async (feed: FeedName, signal: AbortSignal): Promise<FencedWriter> => {
    const transactionalId = transactionalIdOf(destination, feed);
    const key = Buffer.from(transactionalId);
    const client = connect(transactionalId, transactionMsOf(broker));
    const record = (mark: string | undefined): KafkaRecord => ({
      topic: destination.marks,
      partition: marksPartition,
      key,
      value: encodeMark({ mark, owner }),
      headers: noHeaders,
    });

    let doing = 'to say where its marks are';

    async function lastWord(bounded: AbortSignal, range: OffsetRange = {}) {
      doing = 'to end the transactions of others, so that the last mark can be read';
      const { value, end } = await client.lastCommitted(destination.marks, marksPartition, key, range, bounded);
      return { mark: value && readMark(value, transactionalId), end };
    }

    async function takeOver(bounded: AbortSignal): Promise<ProducerIdentity> {
      const identity = await client.fence(undefined, bounded);
      await endHanging(identity, bounded);
      return identity;
    }

    async function endHanging({ producerId }: ProducerIdentity, bounded: AbortSignal) {
      const place = { client, brokerName, transactionalId, marks: destination.marks, topic: topicOf(feed) };
      await endLeftOpen(place, producerId, decisions.get(feed), bounded);
    }

    async function fence(bounded: AbortSignal): Promise<ProducerIdentity> {
      doing = 'to shut out other producers';
      const decided = await client.decided(bounded);
      if (decided === undefined) decisions.delete(feed);
      else if (decided !== 'nothing') decisions.set(feed, decided);
      const known = held.get(feed);
      if (!known) return await takeOver(bounded);
      const resumed = await resume(client, known.identity, bounded);
      if (resumed) {
        await endHanging(resumed, bounded);
        return resumed;
      }
      const { producerId } = known.identity;
      // Else the last word could not be read. Its owner is looked at all the same.
      const marks = new Map([[destination.marks, [marksPartition]]]);
      if (decided !== undefined && (await client.isOpen(marks, producerId, bounded))) await takeOver(bounded);
      // The broker has ended a transaction that took too long; or there is somebody else.
      const { mark: last } = await lastWord(bounded);
      if (last?.owner !== owner && (last?.owner !== known.before?.owner || last?.mark !== known.before?.mark)) {
        held.delete(feed);
        throw new BridgeError('PRODUCER_FENCED', `${brokerName}: another bridge has taken over ${transactionalId}`);
      }
      return await takeOver(bounded);
    }

    /** Gives its offset. */
    async function claim(mark: string | undefined, bounded: AbortSignal): Promise<bigint> {
      const [answer] = (await client.send([record(mark)], bounded)).values();
      if (answer?.status === 'written') return answer.firstOffset;
      throw answer?.error ?? new BridgeError('BROKER_UNAVAILABLE', `${brokerName} gave no answer for the mark`);
    }

    async function open(bounded: AbortSignal): Promise<Mark | undefined> {
      const found = await client.partitions([destination.marks], bounded);
      const count = found instanceof BridgeError ? found : found.get(destination.marks);
      if (count instanceof BridgeError) {
        throw count.code === 'DESTINATION_MISSING' ? missingMarks(destination.marks, brokerName, broker) : count;
      }
      const identity = await fence(bounded);
      const { mark: last, end } = await lastWord(bounded);
      held.set(feed, { identity, before: last });
      doing = 'to take a mark';
      const place = await claim(last?.mark, bounded);
      // What lies between was not seen: a leader that was cut off may have been asked for the last mark.
      const between = place > end ? await lastWord(bounded, { from: end, before: place }) : undefined;
      if (between?.mark) {
        throw new BridgeError('BROKER_UNAVAILABLE', `${brokerName} did not give the last mark of ${transactionalId}`);
      }
      await client.end('commit', bounded);
      decisions.delete(feed);
      return last;
    }

    const openMs = openConfirms * broker.confirmTimeout;
    const late = () =>
      new BridgeError('BROKER_TIMEOUT', `${brokerName} took more than ${openMs} ms ${doing} (${transactionalId})`, {
        hint: 'Somebody else has a transaction open in the topic of the marks. One that is only slow ends by itself in time. For one that hangs, see what other feeds report; `kafka-transactions.sh find-hanging` should list it.',
      });
    try {
      const last = await withDeadline(signal, openMs, late, open);
      return createFencedWriter(last?.mark, {
        ...options,
        client,
        confirmMs: broker.confirmTimeout,
        markRecord: record,
        onClosed(isSpoilt) {
          if (!isSpoilt) held.delete(feed);
        },
      });
    } catch (thrown) {
      await client.close();
      throw toBridgeError(thrown);
    }
  };
}

async function resume(client: TransactionalClient, known: ProducerIdentity, signal: AbortSignal) {
  try {
    return await client.fence(known, signal);
  } catch (thrown) {
    if (toBridgeError(thrown).code !== 'PRODUCER_FENCED') throw thrown;
    return undefined;
  }
}
