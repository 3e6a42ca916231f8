import type { FeedName } from '../../../src/core/batch.ts';
import type { Appended, SpoolReport } from '../../../src/core/spool.ts';
import type { PackedPage } from '../../../src/state/spool/messages.ts';
import type { SpoolOptions } from '../../../src/state/spool/settings.ts';
import { createStore, type Store } from '../../../src/state/spool/store.ts';

/** The spool on the thread of the test, without waiting. */
export interface StoreUnderTest extends Disposable {
  readonly store: Store;
  readonly reports: SpoolReport[];
  append(feed: FeedName, bodies: readonly string[]): readonly Appended[];
  release(feed: FeedName, sequence: number): void;
  /** Everything of a feed, once salvage is done. */
  readAll(feed: FeedName): { readonly records: ReadonlyMap<number, string>; readonly gaps: PackedPage['gaps'] };
}

/** Each body is the id of its record, too. */
function entryOf(body: string) {
  const identity = { source: '/test', id: body, kind: 'event' as const, partitionkey: 'k' };
  return { head: '["batch",0,"text/plain",{},0]', identity, bytes: Buffer.from(body) };
}

export function openStore(dir: string, options: Partial<SpoolOptions> = {}): StoreUnderTest {
  const reports: SpoolReport[] = [];
  const store = createStore({ dir, maxBytes: 1024 ** 3, onReport: (report) => reports.push(report), ...options });

  return {
    store,
    reports,
    append(feed, bodies) {
      const [written] = store.write([{ kind: 'append', feed, entries: bodies.map(entryOf) }]);
      if (written === undefined || 'error' in written) throw written?.error;
      return written.answer as readonly Appended[];
    },
    release(feed, sequence) {
      store.write([{ kind: 'release', feed, sequence }]);
    },
    readAll(feed) {
      const records = new Map<number, string>();
      const gaps: { from: number; to: number }[] = [];
      for (let after = 0; ; ) {
        while (store.rest());
        const page = store.read({ kind: 'read', feed, after, records: 50, bytes: 200_000 });
        // What shows first when it is read is salvaged, and read again.
        if (store.salvaging()) continue;
        for (const { sequence, bytes } of page.records) records.set(sequence, Buffer.from(bytes).toString());
        gaps.push(...page.gaps);
        const next = Math.max(page.records.at(-1)?.sequence ?? 0, page.gaps.at(-1)?.to ?? 0);
        if (next <= after) return { records, gaps };
        after = next;
      }
    },
    [Symbol.dispose]: () => store.close(),
  };
}
