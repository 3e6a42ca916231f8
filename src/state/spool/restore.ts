import type { FeedName } from '../../core/batch.ts';
import type { SpoolReport } from '../../core/spool.ts';
import type { Feed } from './feeds.ts';
import type { SpoolFile } from './file.ts';
import { type Salvage, startSalvage } from './salvage.ts';

/** Brings what damaged files still hold into the present one. */
export interface Restore {
  /** Whether records may still come, in front of those that are there. */
  pending(): boolean;
  /** Goes on for about so many milliseconds. Throws STATE_ codes. */
  step(ms: number): void;
  /** The feed, made where it is new. Within a transaction. */
  feed(name: FeedName): Feed;
  close(): void;
}

export function createRestore(file: SpoolFile, memoryMs: number, report: (report: SpoolReport) => void): Restore {
  const { feeds, sequences, quarantine, database } = file;
  const before = new Map([...sequences.all()].filter(([, { inFile }]) => !inFile));
  let waiting = quarantine.pending();
  let salvage: Salvage | undefined;

  function feed(name: FeedName): Feed {
    const present = feeds.get(name);
    if (present) return present;
    const slot = sequences.get(name) ?? { accepted: 0, released: 0, reserved: 0, gaps: 0 };
    const { accepted, released, reserved, gaps } = slot;
    const empty = { records: 0, bytes: 0, accepted: reserved };
    // What is missing is counted when all is brought over that there is.
    if (waiting.length > 0) {
      const start = sequences.isKnown(name) ? released : 0;
      return feeds.create(name, { ...empty, released: start, gaps, counted: start });
    }
    const lost = accepted - released;
    if (lost > 0) report({ kind: 'gap', feed: name, from: released + 1, to: reserved, records: lost });
    return feeds.create(name, { ...empty, released, gaps: gaps + lost, counted: reserved });
  }

  function step(ms: number): void {
    const [next] = waiting;
    if (next === undefined) return;
    salvage ??= startSalvage(next, { database, feeds, feed, before, memoryMs });
    const losses = stepOf(salvage, ms);
    if (losses === undefined) return;
    const { saved } = salvage;
    close();
    const { kept, discarded } = quarantine.keep(next);
    waiting = quarantine.pending();
    for (const { name, accepted, released, gaps } of feeds.all()) sequences.note(name, { accepted, released, gaps });
    for (const loss of losses) report({ kind: 'gap', ...loss });
    report({ kind: 'salvaged', file: kept, records: saved });
    for (const old of discarded) report({ kind: 'discarded', file: old });
  }

  function stepOf(current: Salvage, ms: number) {
    try {
      return current.step(ms);
    } catch (error) {
      // What was not committed is read again.
      close();
      feeds.reload();
      throw error;
    }
  }

  function close(): void {
    salvage?.close();
    salvage = undefined;
  }

  return { pending: () => waiting.length > 0, step, feed, close };
}
