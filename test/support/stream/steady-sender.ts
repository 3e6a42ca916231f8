import type { StreamServer } from '../../../connectors/sse/simulator/stream-server.ts';

/** Sends events at a steady rate, as long as it is not disposed of. Each has an id, from `e-1`, and one of so many keys. */
export interface SteadySender extends Disposable {
  /** How many were sent. */
  readonly sent: number;
  /** Sends no more. */
  stop(): void;
}

const ticksPerSecond = 50;

export function startSteadySender(
  server: Pick<StreamServer, 'send'>,
  { perSecond, keys, padding = '' }: { readonly perSecond: number; readonly keys: number; readonly padding?: string },
): SteadySender {
  let sent = 0;
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1_000) * perSecond;
    while (sent < due) {
      sent += 1;
      server.send(JSON.stringify({ id: `e-${sent}`, key: `k-${sent % keys}`, padding }));
    }
  }, 1_000 / ticksPerSecond);
  const stop = () => clearInterval(timer);
  return {
    get sent() {
      return sent;
    },
    stop,
    [Symbol.dispose]: stop,
  };
}
