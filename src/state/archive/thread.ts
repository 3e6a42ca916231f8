import { Worker } from 'node:worker_threads';
import { BridgeError } from '../../core/errors.ts';
import { besideThis } from '../beside-this.ts';
import type { Answers, ArchiveSettings, Group, Question, Reply, Request } from './messages.ts';

/** The thread in which the files of the archive are, as others see it. It keeps the process alive while somebody waits for it. */
export interface ArchiveThread {
  /** Takes over the bytes of raw batches, which nobody has any more then. Rejects with a STATE_ code when it could not be written. */
  write(group: Group): Promise<void>;
  ask<Ask extends Question['ask']>(question: Extract<Question, { ask: Ask }>): Promise<Answers[Ask]>;
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: Answers[keyof Answers]) => void;
  readonly reject: (error: BridgeError) => void;
}

export function startArchiveThread(settings: ArchiveSettings): ArchiveThread {
  const worker = new Worker(besideThis(import.meta.url, 'worker'), { workerData: settings });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let gone: BridgeError | undefined;

  function end(error: BridgeError) {
    gone = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  worker.on('message', (reply: Reply) => {
    const known = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker.unref();
    if (!('failure' in reply)) return known?.resolve(reply.answer);
    const { code, message, hint } = reply.failure;
    known?.reject(new BridgeError(code, message, hint === undefined ? {} : { hint }));
  });
  worker.on('error', (cause) => end(new BridgeError('INTERNAL', 'the thread of the archive failed', { cause })));
  worker.on('exit', () => end(new BridgeError('STATE_UNWRITABLE', 'the archive is closed')));

  function send(make: (id: number) => Request, transfer: readonly ArrayBuffer[] = []): Promise<Answers[keyof Answers]> {
    if (gone) return Promise.reject(gone);
    const { promise, resolve, reject } = Promise.withResolvers<Answers[keyof Answers]>();
    const id = ++lastId;
    waiting.set(id, { resolve, reject });
    worker.ref();
    worker.postMessage(make(id), transfer);
    return promise;
  }

  const ask: ArchiveThread['ask'] = async (question) => {
    // The thread answers what it was asked.
    return (await send((id) => ({ id, question }))) as never;
  };

  return {
    ask,
    async write(group) {
      await send(
        (id) => ({ id, group }),
        group.raw.map(({ bytes }) => bytes.buffer),
      );
    },
    async close() {
      if (!gone) await ask({ ask: 'close' }).catch(() => {});
      await worker.terminate();
    },
  };
}
