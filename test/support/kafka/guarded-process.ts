import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { stopped } from '../stopped.ts';

export interface GuardedProcess {
  readonly pid: number;
  /** What it printed last, at most some 16 KiB. */
  output(): string;
  /** Resolves when the output matches, rejects when the process ends or `limitMs` pass before that. */
  prints(pattern: RegExp, limitMs: number): Promise<void>;
  /** SIGSTOP; resolves when every thread has stopped. */
  freeze(): Promise<void>;
  thaw(): void;
  /** SIGTERM, and wait for the end. */
  terminate(): Promise<void>;
  /** SIGKILL, and wait for the end. */
  kill(): Promise<void>;
}

const keptOutput = 16 * 1024;

/**
 * A child process that cannot outlive this one, however this one ends: a shell waits for the end of a pipe that only
 * this process holds, then kills the child, also a stopped one, and removes its `dir`. It has a session of its own, so
 * that Ctrl-C spares it.
 */
export async function spawnGuarded(command: string, args: readonly string[], dir: string): Promise<GuardedProcess> {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const guard = spawn('sh', ['-c', 'read -r end; kill -9 "$0"; rm -rf "$1"', String(pid), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });

  let printed = '';
  const collect = (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-keptOutput);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);

  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      guard.kill('SIGKILL');
      resolve();
    });
  });

  return {
    pid,
    output: () => printed,
    async prints(pattern, limitMs) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = () => {
        if (pattern.test(printed)) resolve();
      };
      const limit = setTimeout(() => reject(new Error(`not up within ${limitMs} ms: ${printed}`)), limitMs);
      child.stdout.on('data', look);
      void ended.then(() => reject(new Error(`ended at once: ${printed}`)));
      look();
      await promise.finally(() => {
        clearTimeout(limit);
        child.stdout.off('data', look);
      });
    },
    async freeze() {
      child.kill('SIGSTOP');
      await stopped(pid);
    },
    thaw: () => void child.kill('SIGCONT'),
    async terminate() {
      child.kill('SIGTERM');
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
