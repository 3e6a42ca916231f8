import type { Batch } from '../core/batch.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Normalise } from '../core/normalise.ts';
import type { BatchKey, DeadLetters, Ledger } from '../core/state.ts';
import { batchKey } from './batch-key.ts';
import { normaliseBatch } from './normalise.ts';
import { persist } from './persist.ts';
import type { PoisonWatch } from './poison-watch.ts';
import type { Publisher } from './publisher.ts';
import { refusedOf } from './refused.ts';
import { applySteps, type StepsContext } from './steps.ts';
import { whereabouts } from './whereabouts.ts';

/** What the life of a batch needs to know of its feed. */
export interface FeedContext extends StepsContext {
  /** CloudEvents `source` of the feed. */
  readonly source: string;
  readonly normalise: Normalise;
  readonly publisher: Publisher;
  readonly poisonWatch: PoisonWatch;
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetters;
}

/** How a batch fits among the others of its feed that are in flight. */
export interface Turn {
  /** Called once its events are in the publisher's queue: the next batch may follow. Not called when it fails before. */
  readonly queued: () => void;
  /** Resolves when this batch may be acked; rejects when one that had to be acked before it was not. */
  readonly mayAck: Promise<void>;
}

/**
 * The life of one batch; steps 1 to 6 are those of docs/ARCHITECTURE.md. Step 1, taking it, is the source's.
 * Resolves when the batch is acked. Otherwise rejects with the BridgeError that ended it; unless that came from the
 * ack itself, the batch has been given back.
 */
export async function settle(batch: Batch, feed: FeedContext, turn: Turn, signal: AbortSignal): Promise<void> {
  const key = batchKey(batch);
  let published: Published;
  try {
    published = (await recognise(key, feed, signal)) ?? (await deliver(batch, key, feed, turn, signal));
    turn.queued();
    await turn.mayAck;
  } catch (thrown) {
    // Step 6: nothing moves upstream, which will send it again.
    const error = toBridgeError(thrown);
    feed.report({ event: 'batch.returned', feed: feed.feed, batchId: batch.upstreamId ?? '', error });
    await batch.nack(error);
    throw error;
  }
  // Step 5: everything is safe, so upstream may be told.
  await acknowledge(batch, key, published, feed, signal);
}

/** Where the events of a batch are. */
interface Published {
  readonly whereabouts: string;
}

/** A batch that was published before a crash, or before an ack that failed, is only acked again. */
async function recognise(key: BatchKey | undefined, feed: FeedContext, signal: AbortSignal) {
  if (!key) return undefined;
  const entry = await persist(() => feed.ledger.find(key), { ...feed, activity: 'ledger', signal });
  if (entry) feed.report({ event: 'batch.recognised', feed: feed.feed, batchId: key.batchId });
  return entry;
}

async function deliver(
  batch: Batch,
  key: BatchKey | undefined,
  feed: FeedContext,
  turn: Turn,
  signal: AbortSignal,
): Promise<Published> {
  // Step 2: an event of each record; what does not fit is poison.
  const normalised = await applySteps(normaliseBatch(batch, feed.normalise), feed, signal);
  feed.poisonWatch.admit(normalised, batch.records.length);

  // Step 3: published in order, confirmed on the broker's word only.
  const started = performance.now();
  const envelopes = normalised.events.map((event) => event.envelope);
  const publishing = feed.publisher.publish(envelopes, feed.feed, signal);
  turn.queued();
  const settlements = await publishing;
  const ms = performance.now() - started;

  // Step 4: the publisher has retried what could be retried; what is left is set aside, durably.
  const refused = refusedOf(batch, feed.source, normalised, settlements, new Date());
  if (refused.length > 0) await setAside(refused, feed, signal);

  const place = whereabouts(settlements);
  const events = settlements.filter((settlement) => settlement.status === 'confirmed').length;
  feed.report({
    event: 'batch.confirmed',
    feed: feed.feed,
    batchId: batch.upstreamId ?? '',
    events,
    filtered: normalised.filtered,
    poison: refused.length,
    ms,
    whereabouts: place,
  });
  if (key) {
    await note(() => feed.ledger.enter({ ...key, events, whereabouts: place, publishedAt: new Date() }), feed);
  }
  return { whereabouts: place };
}

async function setAside(letters: readonly DeadLetter[], feed: FeedContext, signal: AbortSignal) {
  await persist(() => feed.deadLetters.add(letters), { ...feed, activity: 'dead-letter', signal });
  for (const { code, reason, batchId, id } of letters) {
    const error = new BridgeError(code, reason);
    feed.report({ event: 'event.dead-lettered', feed: feed.feed, batchId, id, error });
  }
}

async function acknowledge(
  batch: Batch,
  key: BatchKey | undefined,
  published: Published,
  feed: FeedContext,
  signal: AbortSignal,
) {
  const started = performance.now();
  try {
    await batch.ack(signal);
  } catch (thrown) {
    const error = toBridgeError(thrown);
    if (error.code !== 'COMPLETE_REFUSED') throw error;
    const message = `batch ${key?.batchId} is published (${published.whereabouts}), but ${error.message}`;
    throw new BridgeError(error.code, message, { cause: error, ...(error.hint && { hint: error.hint }) });
  }
  const ms = performance.now() - started;
  feed.report({ event: 'batch.completed', feed: feed.feed, batchId: batch.upstreamId ?? '', ms });
  if (key) await note(() => feed.ledger.complete(key, new Date()), feed);
}

/** The broker has the events: a ledger that cannot be written is an alarm, and holds up no ack. */
async function note(write: () => Promise<void>, { feed, report }: FeedContext) {
  try {
    await write();
  } catch (thrown) {
    const error = toBridgeError(thrown);
    report({ event: 'attempt.failed', subject: feed, activity: 'ledger', error, attempt: 1, delayMs: 0 });
  }
}
