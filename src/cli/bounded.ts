import type { BridgeError } from '../core/errors.ts';

/**
 * Does something with a signal that aborts after `ms`, and does not wait for longer than that even when the signal is
 * not heeded. Rejects with what `late` gives.
 */
export async function bounded<T>(
  ms: number,
  late: () => BridgeError,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const ends = new AbortController();
  const timer = setTimeout(() => {
    reject(late());
    ends.abort();
  }, ms);
  try {
    return await Promise.race([act(ends.signal), promise]);
  } finally {
    clearTimeout(timer);
  }
}
