import type { FeedName } from '../../core/batch.ts';
import type { Spool } from '../../core/spool.ts';
import { packEntries, unpackRecord } from './packing.ts';
import type { SpoolOptions } from './settings.ts';
import { createSpoolThread } from './thread.ts';

/** The spool in `options.dir`, which the caller holds for itself. Nothing is opened or created before the first call. */
export function openSpool(options: SpoolOptions): Spool & AsyncDisposable {
  const thread = createSpoolThread(options);
  const accepted = new Map<FeedName, number>();
  const growing = new Map<FeedName, Set<() => void>>();

  function grew(feed: FeedName, sequence: number): void {
    if (sequence <= (accepted.get(feed) ?? -1)) return;
    accepted.set(feed, sequence);
    for (const wake of growing.get(feed) ?? []) wake();
  }

  /** The next time that the feed grows, or the end of waiting. */
  async function growth(feed: FeedName, signal: AbortSignal): Promise<void> {
    const waiters = growing.get(feed) ?? new Set();
    growing.set(feed, waiters);
    await new Promise<void>((resolve) => {
      function wake(): void {
        waiters.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      }
      waiters.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  return {
    async append(feed, entries) {
      const { packed, buffer } = packEntries(entries);
      const appended = await thread.call<'append'>({ kind: 'append', feed, entries: packed }, [buffer]);
      const last = appended.findLast(({ status }) => status === 'spooled');
      if (last) grew(feed, last.sequence);
      return appended;
    },
    async read(feed, after, { records, bytes }) {
      const page = await thread.call<'read'>({ kind: 'read', feed, after, records, bytes });
      return { records: page.records.map(unpackRecord), gaps: page.gaps };
    },
    async release(feed, sequence) {
      await thread.call<'release'>({ kind: 'release', feed, sequence });
    },
    async grown(feed, sequence, signal) {
      if (signal.aborted) return;
      if (!accepted.has(feed)) grew(feed, await thread.call<'accepted'>({ kind: 'accepted', feed }));
      while (!signal.aborted && (accepted.get(feed) ?? 0) <= sequence) await growth(feed, signal);
    },
    state: () => thread.call<'state'>({ kind: 'state' }),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  };
}
