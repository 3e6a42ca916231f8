import type { Notification } from './notification.ts';
import type { Marked } from './options.ts';

/** The POLL queue of an account: only the oldest notification can be seen, and marked. */
export interface Queue {
  add(notification: Notification): void;
  oldest(): Notification | undefined;
  /** Whether it was the oldest. */
  mark(id: string): boolean;
  marked(): readonly Marked[];
  left(): number;
}

export function createQueue(): Queue {
  const waiting: Notification[] = [];
  const marked: Marked[] = [];
  let at = 0;
  return {
    add: (notification) => void waiting.push(notification),
    oldest: () => waiting[at],
    mark(id) {
      if (waiting[at]?.id !== id) return false;
      at += 1;
      marked.push({ id, at: Date.now() });
      return true;
    },
    marked: () => marked,
    left: () => waiting.length - at,
  };
}
