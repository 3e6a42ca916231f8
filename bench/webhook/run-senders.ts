import { fork } from 'node:child_process';
import { join } from 'node:path';
import { cpuUsOf } from '../support/proc.ts';
import type { Measured, Task, Word } from './senders.ts';

export interface Sent extends Measured {
  /** Requests with the numbers from 0 on, also before and after the measured time: all were answered with success. */
  readonly sent: number;
  readonly sendersCpuUs: number;
}

/** Calls `begin` and `end` when the measured time does. Rejects when a request is refused, or has no answer. */
export async function runSenders(task: Task, begin: () => void, end: () => void): Promise<Sent> {
  const child = fork(join(import.meta.dirname, 'senders.ts'), [JSON.stringify(task)]);
  const { promise, resolve, reject } = Promise.withResolvers<Sent>();
  let cpuUs = 0;
  child.on('message', (word: Word) => {
    if (word === 'begin') {
      cpuUs -= cpuUsOf(child.pid ?? 0);
      begin();
    } else if (word === 'end') {
      cpuUs += cpuUsOf(child.pid ?? 0);
      end();
    } else resolve({ sent: word.sent, ...word.measured, sendersCpuUs: cpuUs });
  });
  child.on('error', reject).on('exit', (code) => reject(new Error(`the senders ended with ${code}`)));
  try {
    return await promise;
  } finally {
    child.kill();
  }
}
