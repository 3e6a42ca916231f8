import { BridgeError } from '../core/errors.ts';

/** Bounds what is taken but not settled, by count and bytes; one batch alone may be larger than the bound. */
export interface InFlight {
  /** Resolves in order of calling, when there is room. Rejects with STOPPING when `signal` aborts first. */
  enter(bytes: number, signal: AbortSignal): Promise<void>;
  leave(bytes: number): void;
}

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

export function createInFlight(bound: { readonly batches: number; readonly bytes: number }): InFlight {
  let batches = 0;
  let total = 0;
  const queue: Waiting[] = [];

  const hasRoom = (bytes: number) => batches === 0 || (batches < bound.batches && total + bytes <= bound.bytes);
  const take = (bytes: number) => {
    batches++;
    total += bytes;
  };

  return {
    async enter(bytes, signal) {
      if (signal.aborted) throw new BridgeError('STOPPING', 'stopped before a batch was taken');
      if (queue.length === 0 && hasRoom(bytes)) return take(bytes);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const entry: Waiting = { bytes, admit: resolve };
      const abandon = () => {
        const index = queue.indexOf(entry);
        if (index < 0) return;
        queue.splice(index, 1);
        reject(new BridgeError('STOPPING', 'stopped while a batch waited for room'));
      };
      queue.push(entry);
      signal.addEventListener('abort', abandon, { once: true });
      await promise.finally(() => signal.removeEventListener('abort', abandon));
    },
    leave(bytes) {
      batches--;
      total -= bytes;
      for (let next = queue[0]; next !== undefined && hasRoom(next.bytes); next = queue[0]) {
        queue.shift();
        take(next.bytes);
        next.admit();
      }
    },
  };
}
