import type { Archive } from '../core/archive.ts';
import type { Batch } from '../core/batch.ts';
import type { FeedDefinition } from '../core/connector.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Normalise } from '../core/normalise.ts';
import type { BatchKey, DeadLetters, Ledger, LedgerPart } from '../core/state.ts';
import { carrierOf } from './at-least-once.ts';
import { batchKey } from './batch-key.ts';
import type { Carrier } from './carrier.ts';
import type { DeadLetterCopies } from './dead-letter-copies.ts';
import type { Destination } from './destination.ts';
import type { FanOut, Part } from './fan-out.ts';
import type { Follow } from './follow.ts';
import { poisonStopped } from './guard.ts';
import { normaliseBatch } from './normalise.ts';
import { parkedIds } from './parked-letters.ts';
import type { Parking } from './parking.ts';
import { persist } from './persist.ts';
import type { PoisonWatch } from './poison-watch.ts';
import { onePerRecord, refusedOf } from './refused.ts';
import { routeBatch } from './route.ts';
import { publishCopies, setAside, setAsideBefore } from './set-aside.ts';
import { applySteps, type StepsContext } from './steps.ts';
import { withTransport } from './transport.ts';

/** What the life of a batch needs to know of its feed. */
export interface FeedContext extends StepsContext {
  /** CloudEvents `source` of the feed. */
  readonly source: string;
  /** What its ids name, as of FeedDefinition. */
  readonly ids?: FeedDefinition['ids'] | undefined;
  readonly normalise: Normalise;
  /** One at least. Those of a pipeline are shared by its feeds, as `fanOut` is. */
  readonly destinations: readonly Destination[];
  readonly fanOut: FanOut;
  /** Default: at least once, by `fanOut` and the ledger. */
  readonly carrier?: Carrier | undefined;
  readonly poisonWatch: PoisonWatch;
  /** What becomes of poison and of its key. Default: it is set aside, and what follows it goes on. */
  readonly parking?: Parking | undefined;
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetters;
  /** Where batches and receipts are kept for people. Absent: nowhere. */
  readonly archive?: Pick<Archive, 'receipts' | 'raw'> | undefined;
  /** Hears of the events of a batch once they are safe, and before it is acked. What it rejects with gives the batch back. */
  readonly follow?: Follow | undefined;
  /** Where copies of dead letters go; absent: nowhere. Those of a pipeline are shared by its feeds. */
  readonly copies?: DeadLetterCopies | undefined;
}

/** How a batch fits among the others of its feed that are in flight. */
export interface Turn {
  /** Called once its events are in the publisher's queue: the next batch may follow. Not called when it fails before. */
  readonly queued: () => void;
  /** Resolves when this batch may be acked; rejects when one that had to be acked before it was not. Absent: at any time. */
  readonly mayAck?: Promise<void> | undefined;
}

/**
 * The life of one batch; steps 1 to 6 are those of docs/ARCHITECTURE.md. Step 1, taking it, is the source's.
 * Resolves when the batch is acked. Otherwise rejects with the BridgeError that ended it; unless that came from the
 * ack itself, the batch has been given back.
 */
export async function settle(batch: Batch, context: FeedContext, turn: Turn, signal: AbortSignal): Promise<void> {
  const { deadline } = batch;
  const feed = deadline === undefined ? context : { ...context, deadline };
  const key = batchKey(batch);
  let published: Published;
  try {
    published = (await recognise(batch, key, feed, signal)) ?? (await deliver(batch, key, feed, turn, signal));
    turn.queued();
    if (turn.mayAck) await turn.mayAck;
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
async function recognise(batch: Batch, key: BatchKey | undefined, feed: FeedContext, signal: AbortSignal) {
  const known = await carrierOf(feed).recognise(batch, key, signal);
  if (known) feed.report({ event: 'batch.recognised', feed: feed.feed, batchId: batch.upstreamId ?? '' });
  return known;
}

async function deliver(
  batch: Batch,
  key: BatchKey | undefined,
  feed: FeedContext,
  turn: Turn,
  signal: AbortSignal,
): Promise<Published> {
  // Step 2: an event of each record, and who gets it; what does not fit is poison.
  const recordAt = (index: number) => batch.records[index];
  const plain = normaliseBatch(batch, feed.normalise);
  const stepped = feed.steps.length === 0 ? plain : await applySteps(plain, feed, signal, recordAt);
  const normalised = withTransport(stepped, recordAt);
  const parks = feed.parking?.onPoison === 'park-key';
  const { shares, poison, filtered } = await routeBatch(normalised, feed.destinations, signal, parks);
  // A stranger who can send something must not be able to halt the feed.
  const own = poison.filter(({ bySource }) => !bySource);
  const [first] = own;
  if (first && feed.parking?.onPoison === 'stop') throw poisonStopped(first.error);

  // Step 3: published in order, confirmed on the broker's word only.
  const parts = key ? await partsOf(key, feed, signal) : [];
  const earlier =
    parts.length > 0 ? await setAsideBefore(batch, parkedIds(batch, feed.source, shares), feed, signal) : [];
  // What is set aside already is no new poison, however often the batch comes again for its copies.
  if (earlier.length === 0 && (own.length > 0 || poison.length === 0)) {
    feed.poisonWatch.admit({ events: normalised.events, poison: own, filtered }, batch.records.length);
  }
  const started = performance.now();
  const written: DeadLetter[] = [];
  const before = refusedOf(batch, feed.source).before(poison, normalised.events);
  const publishing = carrierOf(feed).publish(
    batch,
    key,
    shares,
    {
      source: feed.source,
      ids: feed.ids,
      parts,
      parking: feed.parking,
      before,
      async setAside(letters) {
        await setAside(letters, feed, signal);
        written.push(...letters);
      },
      enterPart: (part) => note(() => feed.ledger.enterPart(part), feed),
    },
    signal,
  );
  turn.queued();
  const published = await publishing;
  const ms = performance.now() - started;

  // Step 4: the publishers have retried what could be retried; what is left is set aside, durably, and copied.
  const refused = onePerRecord([...earlier, ...before, ...published.flatMap((part) => part.refused)]);
  const left = refused.filter((letter) => !written.includes(letter) && !earlier.includes(letter));
  if (left.length > 0) await setAside(left, feed, signal);
  const parked = published.flatMap((part) => part.parked);
  if (feed.copies && refused.length + parked.length > 0) {
    await enterAlone(key, published, feed);
    await publishCopies(onePerRecord([...refused, ...parked]), feed, signal);
  }

  // Only now: a job must not be said to be at its end while its event could still be lost.
  if (feed.follow) await feed.follow(normalised.events, recordAt, { signal, deadline: feed.deadline });
  const place = published
    .map((part) => part.whereabouts)
    .filter((text) => text !== '')
    .join('; ');
  const [only] = published;
  const events = published.length === 1 ? (only?.events.length ?? 0) : distinctEvents(published);
  feed.report({
    event: 'batch.confirmed',
    feed: feed.feed,
    batchId: batch.upstreamId ?? '',
    events,
    filtered,
    poison: refused.length + parked.filter(({ stage }) => stage !== 'parked').length,
    ms,
    whereabouts: place,
  });
  archive(batch, published, feed);
  if (key) {
    await note(() => feed.ledger.enter({ ...key, events, whereabouts: place, publishedAt: new Date() }), feed);
  }
  return { whereabouts: place };
}

/** For people: nothing waits for it. */
function archive(batch: Batch, parts: readonly Part[], feed: FeedContext) {
  const named = { feed: batch.feed, batchId: batch.upstreamId ?? '' };
  const fetchedAt = batch.records[0]?.receivedAt ?? new Date();
  const { offset = 0, records } = batch;
  feed.archive?.raw.keep({ ...named, fetchedAt, ...(offset > 0 && { offset }), records });
  const events = parts.flatMap((part) => part.receipts);
  feed.archive?.receipts.published({ ...named, fetchedAt, publishedAt: new Date(), events });
}

/** Events that at least one destination has. */
function distinctEvents(published: readonly Part[]): number {
  return new Set(published.flatMap((part) => part.events)).size;
}

/** The destinations that had the batch before a crash, or before another one halted the feed. */
async function partsOf(key: BatchKey, feed: FeedContext, signal: AbortSignal): Promise<readonly LedgerPart[]> {
  if (feed.destinations.length === 1 && !feed.copies) return [];
  return persist(() => feed.ledger.findParts(key), { ...feed, activity: 'ledger', signal });
}

/** A destination that stands alone is done before the copies are: while they cannot be made, it gets nothing twice. */
async function enterAlone(key: BatchKey | undefined, published: readonly Part[], feed: FeedContext) {
  const [only] = feed.destinations;
  const [part] = published;
  if (!key || !only || !part || feed.destinations.length > 1) return;
  const { events, whereabouts } = part;
  const entry = { ...key, destination: only.identity, events: events.length, whereabouts, publishedAt: new Date() };
  await note(() => feed.ledger.enterPart(entry), feed);
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
  feed.archive?.receipts.completed(feed.feed, batch.upstreamId ?? '', new Date());
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
