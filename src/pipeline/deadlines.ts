/** Calls back when a time has come: a little late, with one timer for all that is due at about the same moment. */
export interface Deadlines {
  /** `time`: milliseconds since the epoch. Gives what takes it back; never calls back at once. */
  at(time: number, callback: () => void): () => void;
}

/** How much later than wanted it may be, at most. */
export const grainMs = 100;

interface Bucket {
  readonly callbacks: Set<() => void>;
  readonly timer: NodeJS.Timeout;
}

export function createDeadlines({ grain = grainMs, now = Date.now } = {}): Deadlines {
  const buckets = new Map<number, Bucket>();

  function open(moment: number): Bucket {
    const due = () => {
      buckets.delete(moment);
      for (const callback of bucket.callbacks) callback();
    };
    const bucket: Bucket = { callbacks: new Set(), timer: setTimeout(due, Math.max(0, moment * grain - now())) };
    buckets.set(moment, bucket);
    return bucket;
  }

  return {
    at(time, callback) {
      const moment = Math.ceil(time / grain);
      const bucket = buckets.get(moment) ?? open(moment);
      // Equal callbacks of two callers are two.
      const own = () => callback();
      bucket.callbacks.add(own);
      return () => {
        if (!bucket.callbacks.delete(own) || bucket.callbacks.size > 0) return;
        clearTimeout(bucket.timer);
        buckets.delete(moment);
      };
    },
  };
}
