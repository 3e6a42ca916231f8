import type { FenergoFeed } from '../feeds.ts';
import type { EventMaker } from './events.ts';
import type { FormingFault } from './faults.ts';
import { type Clock, type CompletedBy, type LedgerEntry, newEntry } from './ledger.ts';
import type { FillCommand } from './options.ts';
import { generatedRun, type Run, rawRun } from './waiting.ts';

/** The batch that `next` gives until it is completed. */
interface OpenBatch {
  readonly body: Buffer;
  readonly events: number;
  readonly entry: LedgerEntry;
}

/** The queue of one feed, as upstream keeps it. */
export interface FeedQueue {
  readonly feed: FenergoFeed;
  /** In the order in which they were handed out. */
  readonly entries: readonly LedgerEntry[];
  /** What waits behind the open batch: events, and raw batches as one each. */
  waiting(): number;
  openBatchId(): string | undefined;
  /** Of the batch that had this id last; nothing when none had. */
  eventIdsOf(batchId: string): readonly string[];
  completedEvents(): number;
  fill(command: FillCommand): void;
  /** `batchId` is what complete has to call it; without one it gets the next number. */
  enqueue(body: Uint8Array, batchId: string | undefined): void;
  /** The open batch, or the next one; undefined when nothing is there. `forming` is asked when a batch is made. */
  fetch(forming: () => FormingFault | undefined): Buffer | undefined;
  /** Counts a call of complete, and completes if this is the open batch. */
  complete(batchId: string, worked: boolean): boolean;
  /** Ends the open batch without a call. */
  completeFor(who: CompletedBy): void;
  discard(): void;
}

/** So that ids look like those of the documentation. */
const firstBatchNumber = 1_642_925_639_481;

/** Cut short, so that no reader takes it for a batch; the id can still be seen. */
function garbled(body: Buffer): Buffer {
  return body.subarray(0, Math.ceil(body.length * 0.7));
}

export function createFeedQueue(feed: FenergoFeed, maker: EventMaker, clock: Clock, onEmpty: () => void): FeedQueue {
  let runs: { readonly run: Run; readonly batchId: string | undefined }[] = [];
  const entries: LedgerEntry[] = [];
  const latest = new Map<string, LedgerEntry>();
  let open: OpenBatch | undefined;
  let nextSequence = 1;
  let nextBatchNumber = firstBatchNumber;
  let completedEvents = 0;
  const waiting = (): number => runs.reduce((sum, { run }) => sum + run.left(), 0);

  function form(forming: () => FormingFault | undefined): OpenBatch | undefined {
    const now = Date.now();
    const head = runs[0];
    if (head === undefined || head.run.ready(now) <= 0) return undefined;
    const fault = forming();
    const previousId = fault === 'reuse-batch-id' ? entries.at(-1)?.batchId : undefined;
    const batchId = previousId ?? head.batchId ?? String(nextBatchNumber++);
    const moreBehind = (runs[1]?.run.ready(now) ?? 0) > 0;
    const formed = head.run.take({ batchId, moreBehind, extended: fault === 'unknown-fields' }, now);
    if (head.run.left() === 0) runs.shift();
    const entry = newEntry(feed, batchId, formed.eventIds);
    entries.push(entry);
    latest.set(batchId, entry);
    return { body: fault === 'garble' ? garbled(formed.body) : formed.body, events: formed.events, entry };
  }

  function close(who: CompletedBy): void {
    if (open === undefined) return;
    open.entry.completed = clock();
    open.entry.completedBy = who;
    if (who !== 'discard') completedEvents += open.events;
    open = undefined;
    if (waiting() === 0) onEmpty();
  }

  return {
    feed,
    entries,
    waiting,
    openBatchId: () => open?.entry.batchId,
    eventIdsOf: (batchId) => latest.get(batchId)?.eventIds() ?? [],
    completedEvents: () => completedEvents,
    fill(command) {
      if (command.events <= 0) return;
      runs.push({ run: generatedRun(command, nextSequence, maker, Date.now()), batchId: undefined });
      nextSequence += command.events;
    },
    enqueue(body, batchId) {
      runs.push({ run: rawRun(body), batchId });
    },
    fetch(forming) {
      open ??= form(forming);
      if (open === undefined) return undefined;
      open.entry.fetches += 1;
      open.entry.firstFetched ??= clock();
      return open.body;
    },
    complete(batchId, worked) {
      const entry = latest.get(batchId);
      if (entry) entry.completeCalls += 1;
      if (!worked || open?.entry.batchId !== batchId) return false;
      close('client');
      return true;
    },
    completeFor: close,
    discard() {
      runs = [];
      if (open) close('discard');
      else onEmpty();
    },
  };
}
