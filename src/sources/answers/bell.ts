/** Says that there is something, to whoever waits for it. */
export interface Bell {
  ring(): void;
  /** Resolves when it rings, or has rung since this was asked last, or when `stop` aborts. */
  rung(stop: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let hasRung = false;
  let heard = Promise.withResolvers<void>();
  return {
    ring() {
      hasRung = true;
      heard.resolve();
    },
    async rung(stop) {
      if (!hasRung && !stop.aborted) {
        const end = () => heard.resolve();
        stop.addEventListener('abort', end, { once: true });
        await heard.promise;
        stop.removeEventListener('abort', end);
      }
      hasRung = false;
      heard = Promise.withResolvers();
    },
  };
}
