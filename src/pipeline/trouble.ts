import type { Delivery } from '../core/sink.ts';
import type { Entry } from './ticket.ts';

/** Most destinations that are remembered; the oldest are forgotten first. */
const most = 1_000;

/** Which destinations did not take everything the last time. */
export interface Trouble {
  /** Whether every destination took everything. */
  readonly none: boolean;
  readonly has: (destination: string) => boolean;
  /** Looks at what became of a call. */
  note(entries: readonly Pick<Entry, 'routed'>[], deliveries: readonly Delivery[]): void;
}

export function createTrouble(): Trouble {
  const troubled = new Set<string>();

  return {
    get none() {
      return troubled.size === 0;
    },
    has: (destination) => troubled.has(destination),
    note(entries, deliveries) {
      const allTaken = deliveries.length === entries.length && deliveries.every(({ status }) => status === 'confirmed');
      if (allTaken && troubled.size === 0) return;
      const open = new Set<string>();
      entries.forEach(({ routed: { destination } }, at) => {
        if (deliveries[at]?.status !== 'confirmed') open.add(destination);
        else if (!open.has(destination)) troubled.delete(destination);
      });
      for (const destination of open) troubled.add(destination);
      for (const oldest of troubled) {
        if (troubled.size <= most) break;
        troubled.delete(oldest);
      }
    },
  };
}
