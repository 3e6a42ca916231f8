import type { Ground } from '../ground.ts';
import type { Flow, StoredEvent } from './flow.ts';

function eventOf(bytes: Uint8Array): StoredEvent {
  return JSON.parse(Buffer.from(bytes).toString()) as StoredEvent;
}

export interface FlowVerdict {
  /** Promised, and not stored. */
  readonly lost: readonly string[];
  /** Stored for the first time after one of the same key that was to follow it. */
  readonly reordered: readonly string[];
  /** Stored, and never promised. */
  readonly strange: readonly string[];
  /** Stored with other data than was sent. */
  readonly altered: readonly string[];
  /** The upstream was told of them before they were safe. */
  readonly early: readonly string[];
  /** How many are stored once more. */
  readonly doubled: number;
}

/**
 * Compares what is stored with what was promised, in its order. Where a ground keeps no order, none is judged. `unproved`:
 * as the witness has it. `losable`: what may be missing. Default: nothing.
 */
export async function judgeFlow(
  ground: Pick<Ground, 'read' | 'keepsOrder'>,
  promised: readonly string[],
  isWhole: Flow['isWhole'],
  unproved: ReadonlyMap<string, number>,
  losable: ReadonlySet<string> = new Set(),
): Promise<FlowVerdict> {
  const found = await ground.read();
  const events = found.map(({ bytes, appendedAt }) => ({ ...eventOf(bytes), appendedAt }));
  const places = new Map(promised.map((id, place) => [id, place]));
  /** When they were stored for the first time, where the broker says so. */
  const seen = new Map<string, number | undefined>();
  const lastOf = new Map<string, number>();
  const reordered: string[] = [];
  const strange: string[] = [];
  for (const { id, partitionkey, appendedAt } of events) {
    if (seen.has(id)) continue;
    seen.set(id, appendedAt);
    const place = places.get(id);
    if (place === undefined) strange.push(id);
    else if (place < (lastOf.get(partitionkey) ?? -1)) reordered.push(id);
    else lastOf.set(partitionkey, place);
  }
  return {
    lost: promised.filter((id) => !seen.has(id) && !losable.has(id)),
    reordered: ground.keepsOrder ? reordered : [],
    strange,
    altered: events.filter((event) => !isWhole(event)).map(({ id }) => id),
    early: [...unproved].filter(([id, toldAt]) => (seen.get(id) ?? Infinity) > toldAt).map(([id]) => id),
    doubled: events.length - seen.size,
  };
}
