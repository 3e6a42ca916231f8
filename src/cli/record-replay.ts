import type { FeedName } from '../core/batch.ts';
import { toBridgeError } from '../core/errors.ts';
import type { Operations } from '../operations/operations.ts';

/** How far a replay is. */
export interface Replayed {
  batches: number;
  events: number;
  filtered: number;
  refused: number;
}

export function nothingYet(): Replayed {
  return { batches: 0, events: 0, filtered: 0, refused: 0 };
}

export interface ReplayRecord {
  readonly from: Date;
  readonly to: Date;
  /** As given; undefined: all of the pipeline. */
  readonly destination: string | undefined;
  readonly reason: string | undefined;
}

/**
 * Consumers see events again: that is written down before the first of them, and what has become of it afterwards. Without
 * the second record, the command or the daemon was ended in between.
 */
export async function whileRecorded(
  operations: Pick<Operations, 'recordReplay'>,
  feed: FeedName,
  { from, to, destination, reason = 'none given' }: ReplayRecord,
  work: (done: Replayed) => Promise<void>,
): Promise<void> {
  const what = { from: from.toISOString(), to: to.toISOString(), destination: destination ?? null };
  const note = (outcome: string, more: Readonly<Record<string, string | number>> = {}) =>
    operations.recordReplay(feed, { reason, detail: { outcome, ...what, ...more } });
  const done = nothingYet();
  await note('begun');
  try {
    await work(done);
  } catch (error) {
    // What failed first is what people need to know.
    await note('failed', { ...done, code: toBridgeError(error).code }).catch(() => {});
    throw error;
  }
  await note('done', { ...done });
}
