import { BridgeError } from '../core/errors.ts';

/** Waits for a shared promise without owning it: when `signal` aborts, only this wait ends, with STOPPING. */
export function abortable<Value>(shared: Promise<Value>, signal: AbortSignal, what: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new BridgeError('STOPPING', `${what}: given up, the bridge is being stopped`));
    signal.addEventListener('abort', stop);
    // Also when nobody waits any more: a rejection that nobody handles would end the process.
    shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
  });
}
