import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What the victim said about a confirmed event. */
export type ConfirmedLine = readonly [topic: string, offset: number, number: number];

export interface Victim {
  /** Resolves when so many events are confirmed; rejects when it ends before. */
  confirmed(count: number): Promise<void>;
  /** Waits, kills it with -9, and gives all that it said. */
  killAfter(ms: number): Promise<readonly ConfirmedLine[]>;
}

const program = fileURLToPath(new URL('victim.ts', import.meta.url));

/** Starts a process that writes to the log in `dir`. */
export function startVictim(dir: string, firstNumber: number): Victim {
  const child = spawn(process.execPath, [program, dir, String(firstNumber)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'close');
  let said = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });

  // The last line may be cut by the kill: it was not said, then.
  const wholeLines = () => said.split('\n').slice(0, -1);

  return {
    async confirmed(count) {
      while (wholeLines().length < count) {
        await Promise.race([once(child.stdout, 'data'), exited]);
        if (child.exitCode !== null) throw new Error(`the writer ended by itself: ${complaint}`);
      }
    },
    async killAfter(ms) {
      await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, ms))]);
      if (child.exitCode !== null) throw new Error(`the writer ended by itself: ${complaint}`);
      child.kill('SIGKILL');
      await exited;
      return wholeLines().map((line) => {
        const [topic = '', offset, number] = line.split(' ');
        return [topic, Number(offset), Number(number)];
      });
    },
  };
}
