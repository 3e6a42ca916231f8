import { Worker } from 'node:worker_threads';
import { stateError } from '../classify.ts';
import { packError, unpackError } from './errors-across.ts';
import type { Answers, Call, FromThread, Outcome, ToThread } from './messages.ts';
import type { SpoolOptions } from './settings.ts';

/** The thread that owns the spool's file, as seen from the main thread. It is started by the first call. */
export interface SpoolThread extends AsyncDisposable {
  /** Calls of the same turn of the event loop go over together. Rejects with STATE_ codes and SPOOL_FULL. */
  call<K extends Call['kind']>(
    call: Extract<Call, { readonly kind: K }>,
    buffers?: readonly ArrayBuffer[],
  ): Promise<Answers[K]>;
}

interface Waiting {
  readonly resolve: (outcome: Outcome) => void;
}

/** The same folder has it as a source and when it was built. */
const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export function createSpoolThread(options: SpoolOptions): SpoolThread {
  const { onReport = () => {}, ...workerData } = options;
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let closing: Promise<void> | undefined;
  let nextId = 1;
  let outbox: { readonly id: number; readonly call: Call }[] = [];
  let luggage: ArrayBuffer[] = [];

  function settle(id: number, outcome: Outcome): void {
    waiting.get(id)?.resolve(outcome);
    waiting.delete(id);
    // An idle thread does not keep the process.
    if (waiting.size === 0 && closing === undefined) worker?.unref();
  }

  function gone(from: Worker, cause: unknown): void {
    if (worker !== from) return;
    worker = undefined;
    const error = packError(stateError('STATE_UNWRITABLE', `the spool's thread has ended: ${String(cause)}`));
    for (const id of [...waiting.keys()]) settle(id, { error });
  }

  function start(): Worker {
    const started = new Worker(entry, { workerData, name: 'spool', execArgv: [] });
    started.on('message', (message: FromThread) => {
      if (message.kind === 'outcomes') for (const { id, outcome } of message.outcomes) settle(id, outcome);
      if (message.kind === 'report') onReport(message.report);
    });
    started.on('error', (error) => gone(started, error));
    started.on('exit', (code) => gone(started, `exit ${code}`));
    return started;
  }

  function send(): void {
    const [calls, buffers] = [outbox, luggage];
    outbox = [];
    luggage = [];
    if (calls.length === 0) return;
    worker ??= start();
    worker.ref();
    const message: ToThread = { kind: 'calls', calls };
    worker.postMessage(message, buffers);
  }

  async function close(): Promise<void> {
    send();
    const open = worker;
    if (open === undefined) return;
    const ended = new Promise((resolve) => open.once('exit', resolve));
    open.ref();
    const message: ToThread = { kind: 'close' };
    open.postMessage(message);
    await ended;
  }

  return {
    async call(call, buffers = []) {
      if (closing) throw stateError('STATE_UNWRITABLE', `the spool in ${options.dir} is closed`);
      const outcome = await new Promise<Outcome>((resolve) => {
        const id = nextId++;
        waiting.set(id, { resolve });
        luggage.push(...buffers);
        if (outbox.push({ id, call }) === 1) queueMicrotask(send);
      });
      if ('error' in outcome) throw unpackError(outcome.error);
      // The desk answers each kind of call with what belongs to it.
      return outcome.answer as never;
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}
