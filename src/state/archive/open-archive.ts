import type { Archive } from '../../core/archive.ts';
import { type BridgeError, toBridgeError } from '../../core/errors.ts';
import type { ArchiveSettings, Group } from './messages.ts';
import { encodeRaw, type NewRaw } from './raw-batch.ts';
import { encodeReceipts } from './receipt-body.ts';
import type { Completion, NewReceipt } from './receipt-rows.ts';
import { type ArchiveThread, startArchiveThread } from './thread.ts';

export interface ArchiveOptions extends ArchiveSettings {
  /** Told of each group of entries that could not be written: they are lost, and nothing else is. */
  readonly onDropped: (error: BridgeError, entries: number) => void;
}

/** What comes within so many milliseconds, or until there is so much of it, is written together. */
const groupMs = 250;
const groupBytes = 1024 ** 2;
/** What may wait for the disk, in bytes; beyond that, entries are dropped. */
const mostWaiting = 32 * 1024 ** 2;
const entryOverhead = 200;
const pruneEveryMs = 60_000;

/** Opens receipts.db and raw.db of a state directory, in a thread of their own, when first needed. The caller holds its lock. */
export function openArchive({ onDropped, ...settings }: ArchiveOptions): Archive {
  let thread: ArchiveThread | undefined;
  let receipts: NewReceipt[] = [];
  let completions: Completion[] = [];
  let raw: NewRaw[] = [];
  let collected = 0;
  let waiting = 0;
  let dropped = { receipts: 0, raw: 0 };
  let timer: NodeJS.Timeout | undefined;

  function started(): ArchiveThread {
    thread ??= startArchiveThread(settings);
    return thread;
  }

  function take(): Group {
    const group = { receipts, completions, raw };
    [receipts, completions, raw, collected] = [[], [], [], 0];
    return group;
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (collected === 0) return;
    const bytes = collected;
    const group = take();
    waiting += bytes;
    try {
      await started().write(group);
    } catch (thrown) {
      dropped = { receipts: dropped.receipts + group.receipts.length, raw: dropped.raw + group.raw.length };
      onDropped(toBridgeError(thrown), group.receipts.length + group.raw.length);
    } finally {
      waiting -= bytes;
    }
  }

  /** Whether there is room for so many bytes more; they are written soon. */
  function admit(bytes: number): boolean {
    if (waiting + collected > mostWaiting) return false;
    collected += bytes + entryOverhead;
    if (collected >= groupBytes) queueMicrotask(() => void flush());
    else timer ??= setTimeout(() => void flush(), groupMs).unref();
    return true;
  }

  async function prune(): Promise<void> {
    await flush();
    await thread?.ask({ ask: 'prune', now: Date.now() });
  }

  // A disk that fails is told of by what cannot be written.
  const pruning = setInterval(() => prune().catch(() => {}), pruneEveryMs).unref();

  return {
    receipts: {
      published({ feed, batchId, fetchedAt, publishedAt, events }) {
        const body = encodeReceipts(events);
        const times = { fetchedAt: fetchedAt.getTime(), publishedAt: publishedAt.getTime() };
        if (admit(body.length)) receipts.push({ feed, batchId, ...times, body });
        else dropped.receipts++;
      },
      completed(feed, batchId, at) {
        if (admit(0)) completions.push({ feed, batchId, at: at.getTime() });
      },
      async trace(text, limit) {
        await flush();
        return await started().ask({ ask: 'trace', text, limit });
      },
      async range(query) {
        await flush();
        return await started().ask({ ask: 'receipts', query });
      },
      async tally(feed, batchIds) {
        await flush();
        return await started().ask({ ask: 'tally', feed, batchIds });
      },
    },
    raw: {
      keep(batch) {
        if (settings.raw === undefined) return;
        const entry = encodeRaw(batch);
        if (admit(entry.bytes.length)) raw.push(entry);
        else dropped.raw++;
      },
      async range(query) {
        await flush();
        return await started().ask({ ask: 'raw', query });
      },
    },
    prune,
    async use() {
      await flush();
      const use = await started().ask({ ask: 'use' });
      return {
        receipts: { ...use.receipts, dropped: dropped.receipts },
        raw: { ...use.raw, dropped: dropped.raw },
      };
    },
    async [Symbol.asyncDispose]() {
      clearInterval(pruning);
      await flush();
      await thread?.close();
    },
  };
}
