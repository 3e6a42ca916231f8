import { BridgeError } from '../core/errors.ts';

/**
 * Runs `work` with a signal that aborts with `outer` (reason STOPPING) or after `ms` (reason: what `late` gives). No
 * timer or listener stays behind, as they would with `AbortSignal.timeout`, at thousands of sends a second.
 */
export async function withDeadline<Result>(
  outer: AbortSignal,
  ms: number,
  late: () => BridgeError,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const stop = () => controller.abort(new BridgeError('STOPPING', 'the bridge is being stopped'));
  const timer = setTimeout(() => controller.abort(late()), ms);
  if (outer.aborted) stop();
  else outer.addEventListener('abort', stop, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', stop);
  }
}

/** The promise, or a rejection with the signal's reason as soon as it aborts. What comes after that is ignored. */
export function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise: result, resolve, reject } = Promise.withResolvers<Result>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  return result;
}
