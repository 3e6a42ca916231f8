import { BridgeError } from '../../core/errors.ts';

/**
 * Waits for a command, `ms` at most, and until `signal` aborts: then `cut` is called, which ends the connection, since
 * nothing that follows on it could be told from the answer. Rejects with UPSTREAM_TIMEOUT, or STOPPING.
 */
export async function boundedCommand<T>(
  command: () => Promise<T>,
  options: { readonly what: string; readonly ms: number; readonly signal: AbortSignal; readonly cut: () => void },
): Promise<T> {
  const { what, ms, signal, cut } = options;
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const late = () => reject(new BridgeError('UPSTREAM_TIMEOUT', `${what}: no answer within ${ms / 1_000} s`));
  const stop = () => reject(new BridgeError('STOPPING', `${what}: stopped while waiting`));
  const timer = setTimeout(late, ms);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  // Handled here too: a command that is given up may still fail later.
  ended.catch(cut);
  try {
    if (signal.aborted) return await ended;
    return await Promise.race([command(), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
