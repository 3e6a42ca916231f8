import type { Batch, FeedName } from '../core/batch.ts';
import { type DeadLetter, deadLetterId } from '../core/dead-letter.ts';
import { BridgeError } from '../core/errors.ts';
import type { DeadLetters } from '../core/state.ts';
import type { Report } from '../telemetry/events.ts';
import type { DeadLetterCopies } from './dead-letter-copies.ts';
import { persist } from './persist.ts';

/** Where dead letters of a feed go. */
export interface SetAsideContext {
  readonly feed: FeedName;
  readonly deadLetters: DeadLetters;
  /** Absent: the local store alone has them. */
  readonly copies?: DeadLetterCopies | undefined;
  readonly report: Report;
  /** Of the batch in hand, as `persist` has it. */
  readonly deadline?: number | undefined;
}

/** Makes dead letters durable in the local store. Their copies follow when all that the batch has are there. */
export async function setAside(
  letters: readonly DeadLetter[],
  context: SetAsideContext,
  signal: AbortSignal,
): Promise<void> {
  const about = { ...context, activity: 'dead-letter', signal } as const;
  const settled = await persist(() => Promise.all(letters.map((letter) => steady(letter, context))), about);
  await persist(() => context.deadLetters.add(settled), about);
  for (const { code, reason, batchId, id } of letters) {
    const error = new BridgeError(code, reason);
    context.report({ event: 'event.dead-lettered', feed: context.feed, batchId, id, error });
  }
}

/**
 * How often it was tried may differ when the batch comes again, its copy may not: a record that is refused once more for
 * the same reason stays as it was.
 */
async function steady(letter: DeadLetter, { copies, deadLetters }: SetAsideContext): Promise<DeadLetter> {
  const known = copies && (await deadLetters.get(letter.id));
  const isSame = known?.code === letter.code && known.stage === letter.stage && known.reason === letter.reason;
  return isSame ? { ...letter, attempts: known.attempts } : letter;
}

/** What the local store has of a batch that was not brought to its end, where there are copies to be made of it. */
export async function setAsideBefore(
  batch: Batch,
  parkedIds: readonly string[],
  context: SetAsideContext & { readonly source: string },
  signal: AbortSignal,
): Promise<readonly DeadLetter[]> {
  if (!context.copies) return [];
  const { source } = context;
  const { upstreamId = '', offset = 0 } = batch;
  const ids = batch.records.map(({ bytes }, index) => deadLetterId(source, upstreamId, offset + index, bytes));
  return kept([...ids, ...parkedIds], context, signal);
}

/** Publishes the copies of dead letters that are set aside, as the local store has them. */
export async function publishCopies(
  letters: readonly DeadLetter[],
  context: SetAsideContext,
  signal: AbortSignal,
): Promise<void> {
  const ids = letters.toSorted((a, b) => a.index - b.index).map(({ id }) => id);
  await context.copies?.publish(await kept(ids, context, signal), signal);
}

async function kept(ids: readonly string[], context: SetAsideContext, signal: AbortSignal) {
  const look = () => Promise.all(ids.map((id) => context.deadLetters.get(id)));
  const letters = await persist(look, { ...context, activity: 'dead-letter', signal });
  return letters.filter((letter) => letter !== undefined);
}
