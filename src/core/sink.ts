import type { FeedName } from './batch.ts';
import type { Envelope } from './envelope.ts';
import type { BridgeError } from './errors.ts';
import type { Finding } from './finding.ts';

/** Where exactly an event goes at its broker (`topic` and `key`, `exchange` and `routingKey`, ...). Can be stored. */
export type Address = Readonly<Record<string, string>>;

/** An envelope rendered once for one destination; retry, receipt and redrive are per Routed. */
export interface Routed {
  readonly envelope: Envelope;
  /** The destination as people name it: a topic, a queue, an exchange. */
  readonly destination: string;
  readonly address: Address;
  /** Events of one lane are published in order, and never by two open calls. */
  readonly lane: string;
  /** Approximate size on the wire, for bounds on a send. */
  readonly bytes: number;
}

/** The broker's word for where an event is: topic, partition and offset; a MessageId. For people, receipts and audits. */
export type Receipt = Readonly<Record<string, string | number>>;

/**
 * `confirmed`: on the broker's word only. `failed`: certainly not written.
 * `unknown`: it may have been written; sent again, so a consumer may see it twice.
 */
export type Delivery =
  | { readonly status: 'confirmed'; readonly receipt: Receipt }
  | { readonly status: 'failed'; readonly error: BridgeError }
  | { readonly status: 'unknown'; readonly error: BridgeError };

/** One destination of one pipeline. */
export interface Sink extends AsyncDisposable {
  /** How many `publish` calls may be open at once, with no lane in two of them. */
  readonly maxOpenCalls: number;
  /**
   * How many more may be open with what goes to destinations in trouble, so that these hold up no others. Default: 0,
   * everything shares the same calls.
   */
  readonly spareCalls?: number;
  /** Most events, and bytes, that one call should carry. One event alone may be larger. */
  readonly maxCall: { readonly events: number; readonly bytes: number };
  /**
   * Most events of one lane that a call should carry, for sinks that send them one after the other: a deep lane then
   * leaves room for the others. Default: as many as fit.
   */
  readonly perLane?: number;
  /**
   * Pure. Throws a poison BridgeError when the event cannot be addressed. `occurrence` is given where the event's id
   * names a state, which can be reached again: equal when this one is sent again, another for every other one. A sink
   * whose broker drops repeats goes by it too.
   */
  route(envelope: Envelope, feed: FeedName, occurrence?: string): Routed;
  /** Reachable, destination there, settings safe. Never throws. */
  check(feeds: readonly FeedName[], signal: AbortSignal): Promise<readonly Finding[]>;
  /**
   * Publishes in order and gives one delivery for each item, at the same index. Never retries, never throws.
   * Ends within the sink's own confirm deadline. When an item is not confirmed, no later item of its lane is
   * `confirmed`, except after a poison one: so a retry from the first open item on keeps the order of first occurrences.
   * Where an error has `retryAfterMs`, the lane of its item is left alone for so long at least, up to 15 minutes.
   * Once `signal` aborts, what is not yet sent fails and what is sent becomes `unknown`.
   */
  publish(items: readonly Routed[], signal: AbortSignal): Promise<readonly Delivery[]>;
}
