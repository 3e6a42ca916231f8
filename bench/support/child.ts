import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A process under measurement. */
export interface MeasuredChild extends AsyncDisposable {
  readonly pid: number;
  /** The first line that it said. */
  readonly ready: string;
  /** Rejects when it ends by itself. */
  readonly broken: Promise<never>;
}

/** Starts a script of this project with the running Node.js. Rejects when it ends before it is ready. */
export function startScript(
  script: string,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<MeasuredChild> {
  return startProgram(process.execPath, [...nodeOptions, script, ...args], 'says so', env);
}

/** `readiness`: whether the program says a line when it is ready; a silent one is so when it is started. */
export async function startProgram(
  program: string,
  args: readonly string[],
  readiness: 'says so' | 'silent' = 'says so',
  env: Readonly<Record<string, string>> = {},
): Promise<MeasuredChild> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  await once(child, 'spawn');
  const { promise: broken, reject } = Promise.withResolvers<never>();
  const ended = once(child, 'exit');
  // Whoever does not wait for it must not be struck by it.
  broken.catch(() => {});
  void ended.then(([code]) => reject(new Error(`${[program, ...args].join(' ')} ended by itself with ${code}`)));
  const line = firstLine(child);
  return {
    pid: child.pid ?? 0,
    ready: readiness === 'silent' ? '' : await Promise.race([line, broken]),
    broken,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Reads on after it, so that the child never waits for us. */
function firstLine({ stdout }: ChildProcessByStdio<null, Readable, null>): Promise<string> {
  return new Promise((resolve) => createInterface({ input: stdout }).once('line', resolve));
}
