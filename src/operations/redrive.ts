import type { PipelineDefinition } from '../config/configuration.ts';
import type { Archive } from '../core/archive.ts';
import type { FeedDefinition } from '../core/connector.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { BridgeError, type ErrorCode, toBridgeError } from '../core/errors.ts';
import type { State } from '../core/state.ts';
import type { Outlet, RecordsAgain, RefusedAgain, Republished } from '../pipeline/outlet.ts';

/** Longer than this nobody waits at a terminal for a broker that is away. */
export const redriveMs = 60_000;

export interface RedriveOptions {
  /** What came later has been published already: without this, it is refused. */
  readonly outOfOrder: boolean;
  /** Says what would be published, and publishes nothing. */
  readonly dryRun: boolean;
  /** Name of the destination that gets what one lacks that the configuration has no more. */
  readonly to?: string | undefined;
}

/**
 * `redriven`: confirmed, and closed. `filtered`: the present configuration leaves it out; closed too. `closed`: it was
 * before, nothing was done. `refused`: it stays open, with one attempt more. `ready`: a dry run.
 */
export interface Redriven {
  readonly id: string;
  readonly outcome: 'redriven' | 'filtered' | 'closed' | 'refused' | 'ready';
  /** Events that were or would be published. */
  readonly events: number;
  /** Where they are; why it was closed or refused. */
  readonly about: string;
  /** Of a refusal. */
  readonly code?: ErrorCode;
}

export interface RedriveContext {
  readonly state: Pick<State, 'deadLetters' | 'audit'>;
  readonly archive: Pick<Archive, 'receipts'>;
  readonly pipeline: PipelineDefinition;
  readonly definition: FeedDefinition;
  /** The running feed's, or one that is opened for this. */
  outlet(): Promise<Outlet>;
  readonly signal: AbortSignal;
  /** Milliseconds until it must be confirmed. */
  readonly withinMs: number;
}

/** A letter that `set-aside` made is the whole answer of an upstream: its records are read from it now. */
function recordsOf(letter: DeadLetter, { arrival }: FeedDefinition): RecordsAgain {
  const batchId = letter.batchId === '' ? undefined : letter.batchId;
  const { record, index, others } = letter;
  if (letter.stage !== 'operator' || arrival.kind !== 'poll')
    return { batchId, records: [{ record, index, without: others }] };
  const { bytes, mediaType, receivedAt } = record;
  try {
    const response = { status: 200, headers: { 'content-type': mediaType }, body: bytes, receivedAt };
    const answer = arrival.protocol.readNext(response);
    if (answer.kind === 'batch') {
      return { batchId, records: answer.batch.records.map((one, at) => ({ record: one, index: at })) };
    }
  } catch (thrown) {
    throw unreadable(letter, toBridgeError(thrown));
  }
  throw unreadable(letter);
}

function unreadable({ id }: DeadLetter, cause?: BridgeError): BridgeError {
  const because = cause === undefined ? 'it says that the feed is empty' : cause.message;
  return new BridgeError('BATCH_UNREADABLE', `dead letter ${id} is a batch that cannot be read: ${because}`, {
    ...(cause && { cause }),
    hint: `Look at it with: feedferry dead-letters show ${id}. When its events have come some other way: feedferry dead-letters discard ${id} --reason …`,
  });
}

/** The destinations that lack it; undefined: all. */
function lackingOf(
  { id, destination }: DeadLetter,
  { to }: PipelineDefinition,
  substitute: string | undefined,
): readonly string[] | undefined {
  if (destination === undefined || to.length === 1) return undefined;
  if (to.some(({ identity }) => identity === destination)) return [destination];
  const names = to.map(({ name = '' }) => JSON.stringify(name)).join(', ');
  if (substitute !== undefined) {
    const named = to.find(({ name }) => name === substitute);
    if (named !== undefined) return [named.identity];
    throw new BridgeError('USAGE', `there is no destination "${substitute}"; there are: ${names}`);
  }
  const message = `dead letter ${id} is for a destination that is gone, or has other settings now; there are: ${names}`;
  throw new BridgeError('DESTINATION_MISSING', message, {
    hint: 'Nothing was published. With --to and one of these names it is published there. Or give the destination its settings back; or discard it.',
  });
}

async function refuseOutOfOrder(letter: DeadLetter, outOfOrder: boolean, { state }: RedriveContext): Promise<void> {
  const { id, feed, partitionKey: key, status } = letter;
  const places = key === undefined ? [] : await state.deadLetters.parkedKeys();
  if (status === 'parked' || places.some((place) => place.feed === feed && place.key === key)) {
    throw new BridgeError('USAGE', `the key of dead letter ${id} is parked: its events have an order to keep`, {
      hint: `Publish them in order with: feedferry parked release ${feed} ${JSON.stringify(key)} --reason …`,
    });
  }
  if (outOfOrder) return;
  throw new BridgeError('USAGE', `what came after dead letter ${id} has been published already`, {
    hint: 'Consumers see it after newer events of its key. With --out-of-order it is published all the same.',
  });
}

const isPoison = ({ error }: RefusedAgain) => error.disposition === 'poison';

async function failedAgain(letter: DeadLetter, refused: readonly RefusedAgain[], { state }: RedriveContext) {
  const [first] = refused;
  if (!first) return;
  const reasons = [...new Set(refused.map(({ error }) => error.message))].join('; ');
  const places = new Set(refused.map(({ destination }) => destination));
  await state.deadLetters.failedAgain(letter.id, {
    code: first.error.code,
    reason: reasons,
    stage: letter.stage === 'operator' ? 'operator' : first.stage,
    envelope: first.envelope ?? letter.envelope,
    lastAt: new Date(),
    // Before it was to be published, it was refused for all that lacked it.
    destination: places.size > 1 || first.destination === undefined ? letter.destination : first.destination,
  });
}

async function close(letter: DeadLetter, again: Republished, { state, archive }: RedriveContext): Promise<Redriven> {
  const { id, feed, batchId, index } = letter;
  const at = new Date();
  const filtered = again.receipts.length === 0;
  const about = filtered ? 'the present configuration leaves it out: nothing was published' : again.whereabouts;
  await state.deadLetters.close([id], { status: 'redriven', reason: about, at });
  if (!filtered) {
    const fetchedAt = letter.record.receivedAt;
    archive.receipts.published({ feed, batchId, fetchedAt, publishedAt: at, events: again.receipts });
    archive.receipts.completed(feed, batchId, at);
  }
  await state.audit.append({ at, action: 'redrive', feed, reason: about, detail: { id, batchId, index } });
  return { id, outcome: filtered ? 'filtered' : 'redriven', events: again.events, about };
}

/**
 * Publishes a dead letter's record again, where it is lacking, and closes it when all is confirmed. After a crash in
 * between it is published once more, with the same id. Rejects when nothing became of it that should be kept: a broker
 * that does not answer is no fault of the record.
 */
export async function redriveLetter(
  letter: DeadLetter,
  options: RedriveOptions,
  context: RedriveContext,
): Promise<Redriven> {
  const { id, status, closedReason = '' } = letter;
  if (status === 'redriven' || status === 'discarded') {
    return { id, outcome: 'closed', events: 0, about: `${status}: ${closedReason}` };
  }
  await refuseOutOfOrder(letter, options.outOfOrder, context);
  const records = recordsOf(letter, context.definition);
  const destinations = lackingOf(letter, context.pipeline, options.to);
  const outlet = await context.outlet();
  if (options.dryRun) {
    const { events, poison } = outlet.plan(records);
    const [first] = poison;
    if (first === undefined) return { id, outcome: 'ready', events: events.length, about: '' };
    return { id, outcome: 'refused', events: events.length, about: first.error.message, code: first.error.code };
  }
  const late = AbortSignal.timeout(context.withinMs);
  const again = await outlet
    .republish(records, { destinations, signal: AbortSignal.any([context.signal, late]) })
    .catch((thrown: unknown) => {
      throw tooLate(toBridgeError(thrown), context);
    });
  const refused = again.refused.map((one) => ({ ...one, error: tooLate(one.error, context) }));
  const [failure] = refused.filter((refusal) => !isPoison(refusal));
  if (refused.some(isPoison) || (failure && again.receipts.length > 0)) await failedAgain(letter, refused, context);
  if (failure) throw failure.error;
  const [refusal] = refused;
  if (refusal === undefined) return close(letter, again, context);
  const { code, message } = refusal.error;
  return { id, outcome: 'refused', events: again.published, about: message, code };
}

function tooLate(error: BridgeError, { signal, withinMs }: RedriveContext): BridgeError {
  if (signal.aborted || error.code !== 'STOPPING') return error;
  return new BridgeError('BROKER_TIMEOUT', `it is not confirmed within ${withinMs / 1_000} s`, {
    cause: error,
    hint: 'The dead letter stays open. Try again when the destination is back: it may be published twice then.',
  });
}
