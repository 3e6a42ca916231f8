/** How fast the spool fills, over the last minute. */
export interface Growth {
  /** How full it is at `at`, milliseconds of a clock that never goes back. */
  sample(bytes: number, at: number): void;
  /** Until there are `free` bytes more; undefined while it does not grow, or is not watched long enough. */
  timeToFullMs(free: number): number | undefined;
}

interface Sample {
  readonly bytes: number;
  readonly at: number;
}

/** The present rate is that of so long. */
const windowMs = 60_000;
/** What is seen of a shorter time says nothing; what has become less in it is being drained, however much came before. */
const shortestMs = 10_000;

export function createGrowth(): Growth {
  /** Those of the window, oldest first, and one that is at its beginning or before. */
  const samples: Sample[] = [];

  /** Bytes per millisecond since the newest sample that is so old, or else the oldest one. */
  function rateOver(ms: number, last: Sample): number {
    const first = samples.findLast(({ at }) => last.at - at >= ms) ?? samples[0] ?? last;
    return (last.bytes - first.bytes) / Math.max(1, last.at - first.at);
  }

  return {
    sample(bytes, at) {
      const last = samples.at(-1);
      if (last !== undefined && at <= last.at) return;
      samples.push({ bytes, at });
      while ((samples[1]?.at ?? at) <= at - windowMs) samples.shift();
    },
    timeToFullMs(free) {
      const [first, last] = [samples[0], samples.at(-1)];
      if (!first || !last || last.at - first.at < shortestMs || rateOver(shortestMs, last) < 0) return undefined;
      const rate = rateOver(windowMs, last);
      // Drained a moment ago, and filled again: the minute as a whole says nothing.
      const present = rate > 0 ? rate : rateOver(shortestMs, last);
      return present > 0 ? Math.round(Math.max(0, free) / present) : undefined;
    },
  };
}
