/** How fast the spool fills, as a moving average over some minutes. */
export interface Growth {
  /** How full it is at `at`, milliseconds of a clock that never goes back. */
  sample(bytes: number, at: number): void;
  /** Until there are `free` bytes more; undefined while it does not grow, or is not watched long enough. */
  timeToFullMs(free: number): number | undefined;
}

/** A change of rate shows by two thirds after so long. */
const memoryMs = 120_000;
/** What is seen of a shorter time says nothing. */
const shortestMs = 10_000;

export function createGrowth(): Growth {
  let last: { readonly bytes: number; readonly at: number } | undefined;
  let watchedMs = 0;
  /** Bytes per millisecond. */
  let rate = 0;

  return {
    sample(bytes, at) {
      const elapsed = last === undefined ? 0 : at - last.at;
      if (last !== undefined && elapsed <= 0) return;
      if (last !== undefined) {
        const now = (bytes - last.bytes) / elapsed;
        watchedMs += elapsed;
        // At first a plain average, so that the zero it starts from does not count.
        const weight = Math.max(1 - Math.exp(-elapsed / memoryMs), elapsed / watchedMs);
        rate += weight * (now - rate);
      }
      last = { bytes, at };
    },
    timeToFullMs(free) {
      if (watchedMs < shortestMs || rate <= 0) return undefined;
      const time = Math.max(0, free) / rate;
      return Number.isFinite(time) ? Math.round(time) : undefined;
    },
  };
}
