import type { Delivery, Routed } from '../core/sink.ts';

/** Most destinations that are remembered; the oldest are forgotten first. */
const most = 1_000;

/** Which destinations did not take everything the last time. */
export interface Trouble {
  readonly has: (destination: string) => boolean;
  /** Looks at what became of a call. */
  note(items: readonly Routed[], deliveries: readonly Delivery[]): void;
}

export function createTrouble(): Trouble {
  const troubled = new Set<string>();
  return {
    has: (destination) => troubled.has(destination),
    note(items, deliveries) {
      const open = new Set<string>();
      items.forEach(({ destination }, at) => {
        if (deliveries[at]?.status !== 'confirmed') open.add(destination);
        else if (troubled.size > 0 && !open.has(destination)) troubled.delete(destination);
      });
      for (const destination of open) troubled.add(destination);
      for (const oldest of troubled) {
        if (troubled.size <= most) break;
        troubled.delete(oldest);
      }
    },
  };
}
