import type { BridgeError } from '../../core/errors.ts';
import type { Answer, KafkaRecord, Partitions } from './client.ts';

/** What a transactional id goes by at the broker, from one fencing to the next. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/**
 * How the broker has ended the last transaction of an id. `nothing`: there has been none since the last fencing, and what
 * was before that is forgotten.
 */
export type Decision = 'commit' | 'abort' | 'nothing';

/** Of offsets. `from`: default the first one. `before`: exclusive; default all that is there at the time of the call. */
export interface OffsetRange {
  readonly from?: bigint;
  readonly before?: bigint;
}

/**
 * What exactly-once needs of a Kafka client library, for one transactional id. Connects when first used. One call at a
 * time. Rejects with a BridgeError; with the reason of `signal` as soon as it aborts.
 *
 * A request is sent once. It is repeated only after an answer that says it has done nothing: one without an answer may
 * act late, within the next transaction of the same identity (KAFKA-17754). So after any rejection the client is of no
 * use, and the next one fences before it does anything else: what is late is then refused.
 */
export interface TransactionalClient {
  /** As `KafkaSender.partitions`. */
  partitions(topics: readonly string[], signal: AbortSignal): Promise<Partitions | BridgeError>;
  /**
   * Ends what other producers of this id have open, and shuts them out. With `known`, only where nobody has done so since
   * `known` was given: else rejects with PRODUCER_FENCED. Its transaction in doubt is over then, too.
   */
  fence(known: ProducerIdentity | undefined, signal: AbortSignal): Promise<ProducerIdentity>;
  /**
   * Asks only. Waits while the broker is writing an end down. Undefined: a transaction is open, or the broker does not say.
   */
  decided(signal: AbortSignal): Promise<Decision | undefined>;
  /**
   * Whether a transaction of a producer id is open in one of the partitions, by the books of their leaders. `partitions`:
   * by topic; those that we may not ask about do not count.
   */
  isOpen(partitions: ReadonlyMap<string, readonly number[]>, producerId: bigint, signal: AbortSignal): Promise<boolean>;
  /**
   * After `fence`, while nothing is open: has the end of a transaction written into partitions once more, which ends there
   * whatever an earlier producer of this id has left.
   */
  settle(
    outcome: 'commit' | 'abort',
    partitions: ReadonlyMap<string, readonly number[]>,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Looks for the value last committed for a key in a partition, by whichever producer. Waits until nothing is open of
   * what it looks at.
   */
  lastCommitted(
    topic: string,
    partition: number,
    key: Buffer,
    range: OffsetRange,
    signal: AbortSignal,
  ): Promise<{
    /** Undefined: none. */
    readonly value: Buffer | undefined;
    /** It has looked up to here, exclusive. */
    readonly end: bigint;
  }>;
  /** Writes within the transaction, and begins it where none is open. As `KafkaSender.send`: an answer for each partition. */
  send(records: readonly KafkaRecord[], signal: AbortSignal): Promise<ReadonlyMap<string, Answer>>;
  /** Resolves on the broker's word that the transaction is over. */
  end(outcome: 'commit' | 'abort', signal: AbortSignal): Promise<void>;
  /**
   * Whether the broker would let this id have transactions, as far as can be seen without beginning one. Gives how long it
   * lets one be open, in milliseconds; undefined where we may not ask.
   */
  inspect(signal: AbortSignal): Promise<number | undefined>;
  /** Drops what is under way. Takes about a second at most. */
  close(): Promise<void>;
}

/** `transactionMs`: how long a transaction may be open before the broker ends it by itself. */
export type ConnectTransactional = (transactionalId: string, transactionMs: number) => TransactionalClient;
