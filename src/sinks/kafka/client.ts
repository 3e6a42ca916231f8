import type { BridgeError } from '../../core/errors.ts';
import type { Encoded } from './encode.ts';

/** One event with its place. */
export interface KafkaRecord extends Encoded {
  readonly topic: string;
  readonly partition: number;
}

/** What became of all records of one partition in one send. `refused`: certainly not written. `unknown`: perhaps written. */
export type Answer =
  | { readonly status: 'written'; readonly firstOffset: bigint }
  | { readonly status: 'refused'; readonly error: BridgeError }
  | { readonly status: 'unknown'; readonly error: BridgeError };

export type Partitions = ReadonlyMap<string, number | BridgeError>;

/** What the broker says of a topic. */
export interface TopicFacts {
  readonly partitions: number;
  /** The fewest replicas that a partition of it has. */
  readonly replicas: number;
  /** Whether we may write to it. Undefined where the client or the broker cannot say. */
  readonly writable: boolean | undefined;
  /** Undefined where we may not ask for them. */
  readonly settings: TopicSettings | undefined;
}

/** As they are in force, whether set for the topic or for the broker. Undefined: this broker does not know the setting. */
export interface TopicSettings {
  readonly minInsyncReplicas: number | undefined;
  /** Largest record batch, in bytes, after compression. */
  readonly maxMessageBytes: number | undefined;
  readonly uncleanLeaderElection: boolean | undefined;
  /** Whether older events with the same key are removed. */
  readonly compacted: boolean | undefined;
  /** Whether events are removed for their age or for their sum. */
  readonly deletes?: boolean | undefined;
}

export interface Description {
  /** How many machines the cluster has. Undefined where that could not be learned. */
  readonly brokers: number | undefined;
  /** Each topic that was asked for, or why nothing can be sent to it. */
  readonly topics: ReadonlyMap<string, TopicFacts | BridgeError>;
}

/** Names a partition in answers. */
export function partitionName(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** The part of a client that carries events. */
export interface KafkaSender {
  /**
   * The number of partitions of each topic, or why nothing can be sent to it; or why the broker cannot be asked at all.
   * Creates no topic.
   */
  partitions(topics: readonly string[], signal: AbortSignal): Promise<Partitions | BridgeError>;
  /**
   * One produce with acks=all, in the order given; an answer for each partition that it touches, by
   * `partitionName`; none is `unknown`. Only one call at a time.
   */
  send(records: readonly KafkaRecord[], signal: AbortSignal): Promise<ReadonlyMap<string, Answer>>;
  /** Drops what is under way. Takes about a second at most. */
  close(): Promise<void>;
}

/**
 * What the sink needs of a Kafka client library, so that a second one can take its place. Connects when first used.
 * Nothing here rejects. When `signal` aborts, its reason is a BridgeError, and calls end at once.
 */
export interface KafkaClient extends KafkaSender {
  /** What there is to say of topics; or why the broker cannot be asked at all. Creates no topic, changes nothing. */
  describe(topics: readonly string[], signal: AbortSignal): Promise<Description | BridgeError>;
}
