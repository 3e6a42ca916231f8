import type { Plan, PlannedEvent } from './plan.ts';

/** How an event would fare otherwise. `address`: its key, routing key or group. */
export type Change = 'new' | 'gone' | 'destination' | 'address' | 'content';

export interface Example {
  readonly change: Change;
  readonly id: string;
  /** Where it went, or how it was; undefined: not at all. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What a new configuration would change in a feed. */
export interface Difference {
  readonly batches: number;
  readonly records: number;
  readonly events: { readonly before: number; readonly after: number };
  readonly filtered: { readonly before: number; readonly after: number };
  readonly poison: { readonly before: number; readonly after: number };
  readonly changes: Readonly<Record<Change, number>>;
  /** Some of each kind. */
  readonly examples: readonly Example[];
}

/** Compares batch after batch. */
export interface Comparison {
  add(records: number, before: Plan, after: Plan): void;
  readonly difference: Difference;
}

interface Sides {
  readonly before: PlannedEvent[];
  readonly after: PlannedEvent[];
}

/** `most`: examples of each kind. */
export function createComparison(most: number): Comparison {
  const changes: Record<Change, number> = { new: 0, gone: 0, destination: 0, address: 0, content: 0 };
  const counts = { batches: 0, records: 0 };
  const events = { before: 0, after: 0 };
  const filtered = { before: 0, after: 0 };
  const poison = { before: 0, after: 0 };
  const examples: Example[] = [];

  function note(change: Change, id: string, before?: string, after?: string) {
    if (++changes[change] <= most) examples.push({ change, id, before, after });
  }

  function compare(id: string, { before, after }: Sides) {
    const known = new Map(before.map((event) => [event.destination, event]));
    const fresh: PlannedEvent[] = [];
    for (const event of after) {
      const old = known.get(event.destination);
      known.delete(event.destination);
      if (old === undefined) fresh.push(event);
      else if (old.address !== event.address) note('address', id, old.address, event.address);
      else if (old.digest !== event.digest) note('content', id, old.digest.slice(0, 12), event.digest.slice(0, 12));
    }
    const left = [...known.values()];
    for (const event of fresh) {
      const moved = left.shift();
      note(moved ? 'destination' : 'new', id, moved?.destination, event.destination);
    }
    for (const event of left) note('gone', id, event.destination);
  }

  return {
    add(records, before, after) {
      counts.batches++;
      counts.records += records;
      const byId = new Map<string, Sides>();
      for (const [side, plan] of [
        ['before', before],
        ['after', after],
      ] as const) {
        events[side] += plan.events.length;
        filtered[side] += plan.filtered;
        poison[side] += plan.poison.length;
        for (const event of plan.events)
          byId.getOrInsertComputed(event.id, () => ({ before: [], after: [] }))[side].push(event);
      }
      for (const [id, sides] of byId) compare(id, sides);
    },
    get difference() {
      return { ...counts, events, filtered, poison, changes, examples };
    },
  };
}
