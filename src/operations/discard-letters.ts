import type { FeedName } from '../core/batch.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { BridgeError } from '../core/errors.ts';
import type { State } from '../core/state.ts';

/** Closes dead letters for good, with a record of it for each feed first. What was closed before stays so. */
export async function discardLetters(
  ids: readonly string[],
  reason: string,
  { deadLetters, audit }: Pick<State, 'deadLetters' | 'audit'>,
): Promise<{ readonly discarded: number; readonly feeds: readonly FeedName[] }> {
  const letters: DeadLetter[] = [];
  for (const id of ids) {
    const letter = await deadLetters.get(id);
    if (letter === undefined) {
      throw new BridgeError('NOT_FOUND', `there is no dead letter ${id}`, { hint: 'Nothing was discarded.' });
    }
    if (letter.status === 'open' || letter.status === 'parked') letters.push(letter);
  }
  const at = new Date();
  const feeds = new Map<FeedName, string[]>();
  for (const { feed, id } of letters) feeds.set(feed, [...(feeds.get(feed) ?? []), id]);
  for (const [feed, found] of feeds) {
    await audit.append({ at, action: 'dead-letters discard', feed, reason, detail: { ids: found } });
  }
  const closed = await deadLetters.close(
    letters.map(({ id }) => id),
    { status: 'discarded', reason, at },
  );
  return { discarded: closed.length, feeds: [...feeds.keys()] };
}
