import type { LeftConnection } from './handover.ts';
import type { Arrived, Inbox } from './inbox.ts';
import type { TakeOver } from './take-over.ts';

/** Where a connection puts what it reads: into the inbox, or, left behind, aside. */
export interface Line extends Pick<Inbox, 'push' | 'room'> {
  /** Aborts with `close`: a stop alone does not end a connection that is left. */
  readonly signal: AbortSignal;
  close(): void;
  /** From now on what is read waits for whoever takes it. `visiting`: resolves when the connection has ended. */
  leave(visiting: Promise<unknown>): LeftConnection;
}

/** Of a connection that is left, so much is read ahead. */
const aside = { records: 10_000, bytes: 4 * 1024 ** 2 };

export function createLine(inbox: Inbox, takeOver: TakeOver, stop: AbortSignal): Line {
  const ending = new AbortController();
  let kept: Arrived[] | undefined;
  let keptBytes = 0;
  const closed = new Promise<void>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve(), { once: true });
  });

  return {
    signal: ending.signal,
    close: () => ending.abort(),
    push(arrived) {
      if (kept === undefined) {
        takeOver.push(arrived);
        return;
      }
      kept.push(arrived);
      keptBytes += arrived.record.bytes.length;
    },
    async room() {
      if (kept === undefined) await inbox.room(stop);
      if (kept !== undefined && (kept.length >= aside.records || keptBytes >= aside.bytes)) await closed;
    },
    leave(visiting) {
      const arrived: Arrived[] = [];
      kept = arrived;
      return { arrived, ended: visiting.then(() => {}), close: () => ending.abort() };
    },
  };
}
