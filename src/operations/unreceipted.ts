import type { Archive, BatchTally, PageQuery } from '../core/archive.ts';
import type { LedgerEntry, State } from '../core/state.ts';

/** A batch that is in the ledger as published, and of some of whose events no receipt says where they are. */
export interface Unreceipted {
  readonly batchId: string;
  readonly publishedAt: Date;
  /** Events that were published. */
  readonly events: number;
  /** Events of which there is a receipt. */
  readonly receipts: number;
  /** Where they went, as the ledger has it. */
  readonly whereabouts: string;
}

export interface UnreceiptedPage {
  /** Batches of the ledger that were looked at. */
  readonly batches: number;
  /** Of these: published before the oldest receipt that is kept. */
  readonly expired: number;
  readonly items: readonly Unreceipted[];
  readonly next?: number | undefined;
}

/** An event with several destinations has one receipt for each; ids repeat where they name states. */
function receiptsOf({ receipts, ids }: BatchTally, events: number): number {
  return receipts === events ? receipts : ids;
}

/** Both are written when a batch is confirmed, so that their times differ by no more than the clock was set meanwhile. */
const sameMs = 60_000;

/** An id may be used again: of what was published under it, the one of the same time, which is the entry's alone. */
function takeNearest(tallies: BatchTally[], at: Date): BatchTally | undefined {
  const distance = ({ publishedAt }: BatchTally) => Math.abs(publishedAt.getTime() - at.getTime());
  const near = tallies.filter((tally) => distance(tally) <= sameMs);
  const [nearest] = near.toSorted((a, b) => distance(a) - distance(b));
  if (nearest) tallies.splice(tallies.indexOf(nearest), 1);
  return nearest;
}

function judge(entry: LedgerEntry, tallies: BatchTally[]): readonly Unreceipted[] {
  const { batchId, publishedAt, events, whereabouts } = entry;
  const tally = takeNearest(tallies, publishedAt);
  const receipts = tally ? receiptsOf(tally, events) : 0;
  return receipts >= events ? [] : [{ batchId, publishedAt, events, receipts, whereabouts }];
}

/** Compares the ledger of a feed with its receipts, a page of the ledger at a time. */
export async function findUnreceipted(
  query: PageQuery,
  { state, archive }: { readonly state: Pick<State, 'ledger'>; readonly archive: Pick<Archive, 'receipts' | 'use'> },
): Promise<UnreceiptedPage> {
  const { items, next } = await state.ledger.range(query);
  const ids = items.map(({ batchId }) => batchId);
  const tallies = ids.length === 0 ? [] : await archive.receipts.tally(query.feed, ids);
  const byId = Map.groupBy(tallies, ({ batchId }) => batchId);
  const lacking = items.flatMap((entry) => judge(entry, byId.get(entry.batchId) ?? []));
  const oldestAt = lacking.length === 0 ? undefined : (await archive.use()).receipts.oldestAt;
  const open = lacking.filter(({ publishedAt }) => oldestAt === undefined || publishedAt >= oldestAt);
  return {
    batches: items.length,
    expired: lacking.length - open.length,
    items: open,
    ...(next !== undefined && { next }),
  };
}
