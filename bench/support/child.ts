import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A process under measurement. It says one line when it is ready. */
export interface MeasuredChild extends AsyncDisposable {
  readonly ready: string;
  /** CPU time used so far, all threads, in microseconds. */
  cpuUs(): number;
  /** Largest resident set so far, in bytes. */
  peakRssBytes(): number;
}

/** Clock ticks of /proc are 10 ms on every Linux that Node runs on. */
const tickUs = 10_000;

/** Starts a script of this project with the running Node.js. Rejects when it ends before it is ready. */
export async function startChild(
  script: string,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): Promise<MeasuredChild> {
  const child = spawn(process.execPath, [...nodeOptions, script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ready = await firstLine(child, script);
  const proc = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    ready,
    cpuUs() {
      const fields = proc('stat').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * tickUs;
    },
    peakRssBytes() {
      return Number(/VmHWM:\s+(\d+) kB/.exec(proc('status'))?.[1]) * 1024;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
      await promise;
    },
  };
}

async function firstLine(child: ChildProcess, script: string): Promise<string> {
  if (!child.stdout) throw new Error(`${script} has no output`);
  const lines = createInterface({ input: child.stdout });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.once('exit', (code) => reject(new Error(`${script} ended with ${code} before it was ready`)));
  lines.once('line', resolve);
  return await promise;
}
