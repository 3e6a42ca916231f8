import type { Batch } from '../core/batch.ts';
import { toBridgeError } from '../core/errors.ts';
import type { Spool } from '../core/spool.ts';
import { batchKey } from './batch-key.ts';
import type { Handling } from './handling.ts';
import { persist } from './persist.ts';
import type { FeedContext, Turn } from './settle.ts';
import { spoolEntries } from './spool-entries.ts';

export type SpoolingContext = Pick<
  FeedContext,
  'feed' | 'source' | 'ids' | 'normalise' | 'ledger' | 'archive' | 'report'
> & {
  readonly spool: Pick<Spool, 'append'>;
  /**
   * Whether the next batch is taken while one is on its way to the disk, so that they share an fsync. Only where batches
   * are acked in any order: one that has to be tried again is overtaken. Default: false.
   */
  readonly sideBySide?: boolean | undefined;
};

/**
 * The first stage of a feed that is spooled: batches are accepted into the spool, and acked once they are fsynced there.
 * While the spool is full, or cannot be written, upstream keeps its batch.
 */
export function spooling(context: SpoolingContext): Handling {
  return {
    oneByOne: false,
    open: async () => {},
    settle: (batch, turn, signal) => accept(batch, context, turn, signal),
    close: async () => {},
  };
}

async function accept(batch: Batch, context: SpoolingContext, turn: Turn, signal: AbortSignal): Promise<void> {
  const { feed, report } = context;
  const batchId = batch.upstreamId ?? '';
  try {
    if (await isPublished(batch, context, signal)) report({ event: 'batch.recognised', feed, batchId });
    else {
      const appending = append(batch, context, signal);
      if (context.sideBySide) turn.queued();
      await appending;
    }
    turn.queued();
    await turn.mayAck;
  } catch (thrown) {
    const error = toBridgeError(thrown);
    report({ event: 'batch.returned', feed, batchId, error });
    await batch.nack(error);
    throw error;
  }
  const started = performance.now();
  await batch.ack(signal);
  report({ event: 'batch.completed', feed, batchId, ms: performance.now() - started });
}

/** Also what was published before the feed was spooled. */
async function isPublished(batch: Batch, { feed, ledger, report }: SpoolingContext, signal: AbortSignal) {
  const key = batchKey(batch);
  if (!key) return false;
  return (await persist(() => ledger.find(key), { feed, report, activity: 'ledger', signal })) !== undefined;
}

async function append(batch: Batch, context: SpoolingContext, signal: AbortSignal) {
  const { feed, spool, archive, report } = context;
  const batchId = batch.upstreamId ?? '';
  const started = performance.now();
  const entries = spoolEntries(batch, context);
  const appended = await persist(() => spool.append(feed, entries), {
    feed,
    report,
    activity: 'spool',
    signal,
    deadline: batch.deadline,
  });
  const duplicates = appended.filter(({ status }) => status === 'duplicate').length;
  report({
    event: 'batch.spooled',
    feed,
    batchId,
    records: appended.length - duplicates,
    duplicates,
    ms: performance.now() - started,
  });
  const fetchedAt = batch.records[0]?.receivedAt ?? new Date();
  archive?.raw.keep({ feed, batchId, fetchedAt, records: batch.records });
}
