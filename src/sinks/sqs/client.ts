import { BridgeError } from '../../core/errors.ts';
import type { Receipt } from '../../core/sink.ts';
import type { Message } from './encode.ts';

/** `refused`: certainly not stored. `unknown`: perhaps stored. */
export type Failure = { readonly status: 'refused' | 'unknown'; readonly error: BridgeError };

/** What became of one message. */
export type Answer = { readonly status: 'stored'; readonly receipt: Receipt } | Failure;

/** The answer to a message of which SQS said nothing. */
export const unanswered: Answer = {
  status: 'unknown',
  error: new BridgeError('BROKER_UNAVAILABLE', 'SQS gave no result for the event'),
};

/** The answers to one request: one for each message, at the same index, or one for the request as a whole. */
export type Answers = { readonly each: readonly Answer[] } | { readonly whole: Failure };

/** A queue as errors and receipts name it, with its address. */
export interface Queue {
  readonly name: string;
  readonly url: string;
}

/** The settings of a queue, by the names that SQS gives them. */
export type QueueAttributes = ReadonlyMap<string, string>;

/**
 * What the sink needs of the client library. Connects when first used, and repeats nothing by itself. Nothing here
 * rejects. When `signal` aborts, its reason is a BridgeError, and calls end at once.
 */
export interface SqsClient {
  /** The address of a queue, by its name. */
  queueUrl(name: string, signal: AbortSignal): Promise<string | BridgeError>;
  /** One SendMessageBatch: at most 10 messages, and `maxBytes` together. */
  send(queue: Queue, messages: readonly Message[], signal: AbortSignal): Promise<Answers>;
  attributes(queue: Queue, signal: AbortSignal): Promise<QueueAttributes | BridgeError>;
  close(): void;
}
