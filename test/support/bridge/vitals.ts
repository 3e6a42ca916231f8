import { readdirSync, readFileSync } from 'node:fs';

/** What a process needs at a moment, as Linux says. */
export interface Vitals {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly rssMiB: number;
  /** Of these, what is in no file: heaps and stacks. */
  readonly anonMiB: number;
  /** Open files, sockets among them. */
  readonly files: number;
}

const pageBytes = 4_096;
const intervalMs = 200;

function look(pid: number): Vitals {
  const [, resident = 0, ofFiles = 0] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number);
  const mib = (pages: number) => (pages * pageBytes) / 2 ** 20;
  const files = readdirSync(`/proc/${pid}/fd`).length;
  return { at: Date.now(), rssMiB: mib(resident), anonMiB: mib(resident - ofFiles), files };
}

/** Takes the vitals of a process five times a second until disposed of. It has to live as long. */
export function watchVitals(pid: number): Disposable & { readonly samples: readonly Vitals[] } {
  const samples = [look(pid)];
  const timer = setInterval(() => samples.push(look(pid)), intervalMs);
  return { samples, [Symbol.dispose]: () => clearInterval(timer) };
}
