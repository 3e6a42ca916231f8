import type { FenergoFeed } from '../feeds.ts';
import type { Call } from './faults.ts';
import type { Clock, Moment } from './ledger.ts';

/** One call as it came in. `status` 0: it was never answered. */
export interface RequestEntry extends Moment {
  readonly feed: FenergoFeed | null;
  readonly call: Call;
  readonly status: number;
}

/** The last so many calls. */
export interface RequestLog {
  add(feed: FenergoFeed | null, call: Call, status: number): void;
  /** Oldest first. */
  list(feed: FenergoFeed | undefined): readonly RequestEntry[];
  /** All there ever were. */
  total(): number;
}

export function createRequestLog(size: number, clock: Clock): RequestLog {
  const ring: RequestEntry[] = [];
  let total = 0;
  return {
    add(feed, call, status) {
      ring[total % size] = { ...clock(), feed, call, status };
      total += 1;
    },
    list(feed) {
      const oldest = total % size;
      const inOrder = total > size ? [...ring.slice(oldest), ...ring.slice(0, oldest)] : ring;
      return inOrder.filter((entry) => feed === undefined || entry.feed === feed);
    },
    total: () => total,
  };
}
