import { BridgeError } from '../core/errors.ts';

/** Waits for a shared promise without owning it: when `signal` aborts, only this wait ends, with STOPPING. */
export function abortable<Value>(shared: Promise<Value>, signal: AbortSignal, what: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new BridgeError('STOPPING', `${what}: given up, the bridge is being stopped`));
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop);
    shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
