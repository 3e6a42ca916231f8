import type { RawRecord } from '../../core/record.ts';

/** A record, and the last event id of the stream after it. */
export interface Arrived {
  readonly record: RawRecord;
  readonly lastEventId: string | undefined;
}

/** What was read and not taken yet, bounded. */
export interface Inbox {
  readonly empty: boolean;
  push(arrived: Arrived): void;
  /** Resolves when there is room for more, or `stop` aborts. */
  room(stop: AbortSignal): Promise<void>;
  /** What came in a few moments, in order; undefined when it is closed, and empty. Rejects with what it was closed with. */
  take(): Promise<readonly Arrived[] | undefined>;
  /** Nothing more comes. */
  close(error?: Error): void;
}

export interface InboxBounds {
  readonly records: number;
  readonly bytes: number;
  /** What comes in so long is taken together, so that it shares an fsync. Milliseconds. */
  readonly gatherMs: number;
}

/** Of one batch, which the smallest spool has room for; twice as much may wait. */
export const inboxBounds: InboxBounds = { records: 500, bytes: 256 * 1024, gatherMs: 5 };

export function createInbox(bounds: InboxBounds = inboxBounds): Inbox {
  let waiting: Arrived[] = [];
  let bytes = 0;
  let closed: { readonly error: Error | undefined } | undefined;
  let changed = Promise.withResolvers<void>();

  function change(): void {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  function isFull(share: number): boolean {
    return waiting.length >= share * bounds.records || bytes >= share * bounds.bytes;
  }

  function takeSome(): readonly Arrived[] {
    let end = 0;
    let size = 0;
    for (const { record } of waiting) {
      const larger = size + record.bytes.length;
      if (end >= bounds.records || (end > 0 && larger > bounds.bytes)) break;
      size = larger;
      end += 1;
    }
    const taken = waiting.slice(0, end);
    waiting = waiting.slice(end);
    bytes -= size;
    change();
    return taken;
  }

  /** A few moments more, unless there is enough for a batch. */
  async function gather(): Promise<void> {
    const over = Promise.withResolvers<'over'>();
    const timer = setTimeout(over.resolve, bounds.gatherMs, 'over');
    try {
      while (!isFull(1) && !closed) if ((await Promise.race([over.promise, changed.promise])) === 'over') return;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    get empty() {
      return waiting.length === 0;
    },
    push(arrived) {
      waiting.push(arrived);
      bytes += arrived.record.bytes.length;
      if (waiting.length === 1 || isFull(1)) change();
    },
    async room(stop) {
      if (!isFull(2) || stop.aborted) return;
      const { promise: stopped, resolve } = Promise.withResolvers<void>();
      const end = () => resolve();
      stop.addEventListener('abort', end, { once: true });
      while (isFull(2) && !stop.aborted) await Promise.race([changed.promise, stopped]);
      stop.removeEventListener('abort', end);
    },
    async take() {
      while (waiting.length === 0 && !closed) await changed.promise;
      if (waiting.length > 0) {
        await gather();
        return takeSome();
      }
      if (closed?.error) throw closed.error;
      return undefined;
    },
    close(error) {
      closed ??= { error };
      change();
    },
  };
}
