/** Fingerprints that are remembered in each of two generations. */
const generationSize = 65_536;

export interface ReplayMemory {
  add(fingerprint: string): void;
  has(fingerprint: string): boolean;
}

/**
 * Remembers what was added for `keepMs` milliseconds at least, up to twice as long; when more than 65,536 come in that
 * time, the latest 65,536 at least. Two sets that take turns: no timer, and nothing to do for each that is forgotten.
 */
export function createReplayMemory(keepMs: number, now: () => number, size: number = generationSize): ReplayMemory {
  let young = new Set<string>();
  let old = new Set<string>();
  let turnAt = now() + keepMs;

  function turn(): void {
    const time = now();
    if (time < turnAt && young.size < size) return;
    old = time < turnAt + keepMs ? young : new Set();
    young = new Set();
    turnAt = time + keepMs;
  }

  return {
    add(fingerprint) {
      turn();
      young.add(fingerprint);
    },
    has: (fingerprint) => young.has(fingerprint) || old.has(fingerprint),
  };
}
