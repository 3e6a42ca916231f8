import { firstOccurrences } from '../sink/events.ts';
import type { StoredEvent } from '../sink/harness.ts';

/** What became of what was published. Counts of events; none but `doubled` may be other than 0. */
export interface Verdict {
  readonly lost: number;
  /** Whose first occurrence follows that of one of its lane that was published later. */
  readonly reordered: number;
  /** Copies beyond the first. */
  readonly doubled: number;
  /** With copies that are not equal in all bytes. */
  readonly altered: number;
}

/** `published`: ids by partition key, in the order of publishing. */
export function judgeStored(
  published: ReadonlyMap<string, readonly string[]>,
  stored: readonly StoredEvent[],
): Verdict {
  const copies = Map.groupBy(stored, ({ id }) => id);
  const found = firstOccurrences(stored);
  let [lost, reordered, doubled, altered] = [0, 0, 0, 0];
  for (const [lane, ids] of published) {
    const order = new Map(ids.map((id, at) => [id, at]));
    let furthest = -1;
    for (const id of found.get(lane) ?? []) {
      const at = order.get(id) ?? -1;
      if (at < furthest) reordered++;
      furthest = Math.max(furthest, at);
    }
    for (const id of ids) {
      const [first, ...more] = copies.get(id) ?? [];
      if (!first) lost++;
      doubled += more.length;
      if (more.some(({ bytes }) => Buffer.compare(bytes, first?.bytes ?? bytes) !== 0)) altered++;
    }
  }
  return { lost, reordered, doubled, altered };
}
