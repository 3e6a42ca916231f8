import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { TelemetryEvent } from '../../../src/telemetry/events.ts';
import { stopped } from '../stopped.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const program = join(root, 'src', 'main.ts');
/** Starting dozens of times, it pays not to compile each time. */
const compileCache = join(root, 'node_modules', '.cache', 'feedferry-compile');

/** How long a test waits for anything to come of a bridge that runs. */
const patienceMs = 60_000;

/** One line of the bridge's log. */
export interface LogLine {
  readonly event: TelemetryEvent['event'];
  readonly level: string;
  /** By the bridge's clock, in ISO 8601. */
  readonly time: string;
  readonly feed?: string;
  readonly activity?: string;
  readonly batchId?: string;
  readonly msg: string;
}

export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `feedferry run` in a process of its own. Disposing of it kills it where it still runs. */
export interface Bridge extends AsyncDisposable {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Its log so far. */
  log(): readonly LogLine[];
  stderr(): string;
  /** Resolves with the first line that fits, also one from before the call; rejects when the bridge ends before. */
  logs(fits: (line: LogLine) => boolean): Promise<LogLine>;
  /** What `outcome` gives; rejects, with the log, when the bridge ends by itself or a minute passes before that. */
  whileRunning<T>(outcome: Promise<T>): Promise<T>;
  /** SIGKILL, and wait for the end. Rejects when it had ended before. */
  kill9(): Promise<void>;
  /** SIGTERM, and wait for the end. */
  sigterm(): Promise<Exit>;
  /** SIGSTOP; resolves when every thread has stopped. */
  freeze(): Promise<void>;
  thaw(): void;
}

function toLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch (cause) {
    throw new Error(`the bridge logged what is no JSON: ${text}`, { cause });
  }
}

export interface BridgeProcessOptions {
  /** Before the program: `--import` and the like. */
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the bridge as a user would. It is on its way, not yet up, when this returns. */
export function startBridge(configFile: string, { nodeOptions = [], env = {} }: BridgeProcessOptions = {}): Bridge {
  const child = spawn(process.execPath, [...nodeOptions, program, 'run', '-c', configFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, NODE_COMPILE_CACHE: compileCache },
  });
  const { promise: exited, resolve: ended, reject: failed } = Promise.withResolvers<Exit>();
  const lines: LogLine[] = [];
  const watchers = new Set<() => void>();
  let rest = '';
  let errors = '';
  let over: Exit | undefined;

  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    // The last one may be cut by a kill.
    rest = parts.pop() ?? '';
    lines.push(...parts.map(toLine));
    for (const look of watchers) look();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  child.once('error', failed);
  child.once('close', (code, signal) => {
    over = { code, signal };
    ended(over);
  });

  function account(): string {
    return [...lines.slice(-20).map(({ msg }) => msg), errors].join('\n');
  }

  async function whileRunning<T>(outcome: Promise<T>): Promise<T> {
    const { promise: spoilt, reject } = Promise.withResolvers<never>();
    const late = () => reject(new Error(`nothing came of it in ${patienceMs} ms. The bridge says:\n${account()}`));
    const timer = setTimeout(late, patienceMs);
    const end = ({ code, signal }: Exit) =>
      reject(new Error(`the bridge ended by itself (${signal ?? code}):\n${account()}`));
    void exited.then(end, reject);
    return await Promise.race([outcome, spoilt]).finally(() => clearTimeout(timer));
  }

  return {
    pid: child.pid ?? 0,
    exited,
    log: () => lines,
    stderr: () => errors,
    logs(fits) {
      const { promise, resolve: found } = Promise.withResolvers<LogLine>();
      const look = () => {
        const line = lines.find(fits);
        if (line) found(line);
      };
      watchers.add(look);
      look();
      return whileRunning(promise).finally(() => watchers.delete(look));
    },
    whileRunning,
    async kill9() {
      if (over) throw new Error(`the bridge had ended before it was killed:\n${account()}`);
      child.kill('SIGKILL');
      await exited;
    },
    async sigterm() {
      child.kill('SIGTERM');
      return await exited;
    },
    async freeze() {
      child.kill('SIGSTOP');
      await stopped(child.pid ?? 0);
    },
    thaw: () => void child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited.catch(() => {});
    },
  };
}
