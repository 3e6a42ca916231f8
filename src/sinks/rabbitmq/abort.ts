import { BridgeError } from '../../core/errors.ts';

/** The limits of one call. The reasons of both signals are BridgeErrors. */
export interface Limits {
  /** Nothing is sent after it: what is sent has time left for its confirm. */
  readonly sendBy: AbortSignal;
  readonly confirmBy: AbortSignal;
}

/**
 * Runs `work` within `confirmMs`, of which the first half is for sending; both limits are over when `outer` aborts
 * (reason STOPPING). No timer or listener stays behind.
 */
export async function withLimits<Result>(
  outer: AbortSignal,
  confirmMs: number,
  brokerName: string,
  work: (limits: Limits) => Promise<Result>,
): Promise<Result> {
  const [send, confirm] = [new AbortController(), new AbortController()];
  const late = (verb: string, ms: number) =>
    new BridgeError('BROKER_TIMEOUT', `${brokerName} did not ${verb} within ${ms} ms`);
  const stop = () => {
    const reason = new BridgeError('STOPPING', 'the bridge is being stopped');
    send.abort(reason);
    confirm.abort(reason);
  };
  const timers = [
    setTimeout(() => send.abort(late('take the event', confirmMs / 2)), confirmMs / 2),
    setTimeout(() => confirm.abort(late('confirm', confirmMs)), confirmMs),
  ];
  if (outer.aborted) stop();
  else outer.addEventListener('abort', stop, { once: true });
  try {
    return await work({ sendBy: send.signal, confirmBy: confirm.signal });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    outer.removeEventListener('abort', stop);
  }
}

/** What the promise gives, or the signal's reason (a BridgeError) as soon as it aborts. The promise never rejects. */
export function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result | BridgeError> {
  const { promise: result, resolve } = Promise.withResolvers<Result | BridgeError>();
  const abort = () => resolve(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  void promise.then(resolve).finally(() => signal.removeEventListener('abort', abort));
  return result;
}
