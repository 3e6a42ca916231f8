import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Command, Word } from './words.ts';

/** The bridge in a process of its own. Disposing of it kills it. */
export interface BridgeProcess extends AsyncDisposable {
  /** Tells it to refuse, or to accept again. */
  tell(command: Command): void;
  /** As `kill -9` does. Resolves when it is gone, and all that it said has been heard. */
  kill(): Promise<void>;
  /** Lets it finish what is in flight. Rejects when it does not end well. */
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('bridge.ts', import.meta.url));

/** `onEnd` is told why, when it ends without having been asked to. */
export function startBridge(
  runtime: string,
  configuration: string,
  onWord: (word: Word) => void,
  onEnd: (reason: Error) => void,
): BridgeProcess {
  const child = spawn(runtime, [program, configuration], { stdio: 'pipe' });
  const closed = once(child, 'close').catch(() => {});
  let asked = false;
  let complaint = '';
  createInterface({ input: child.stdout }).on('line', (line) => onWord(JSON.parse(line)));
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-4_000);
  });
  // Its end is told by the process, not by the pipe.
  child.stdin.on('error', () => {});
  child.on('error', onEnd);

  const failure = () => new Error(`the bridge ended with ${child.exitCode ?? child.signalCode}\n${complaint}`);
  child.on('close', () => {
    if (!asked) onEnd(failure());
  });

  async function kill(): Promise<void> {
    asked = true;
    child.kill('SIGKILL');
    await closed;
  }

  return {
    tell: (command) => void child.stdin.write(`${command}\n`),
    kill,
    async stop() {
      asked = true;
      child.stdin.write('stop\n');
      await closed;
      if (child.exitCode !== 0) throw failure();
    },
    [Symbol.asyncDispose]: kill,
  };
}
