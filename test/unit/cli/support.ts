import { PassThrough } from 'node:stream';
import type { Host, StopSignal } from '../../../src/cli/host.ts';
import type { JudgeDisk } from '../../../src/cli/judge-disk.ts';
import { runProgram } from '../../../src/cli/program.ts';

export interface HostOptions {
  readonly terminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** What the person at the terminal types. */
  readonly typed?: string;
  /** Default: every disk is durable, wherever the test runs. */
  readonly judgeDisk?: JudgeDisk;
}

export interface FakeHost {
  readonly host: Host;
  stdout(): Buffer;
  stderr(): string;
  signal(name: StopSignal): void;
  /** SIGHUP. */
  hangUp(): void;
  /** Something that nobody caught. */
  crash(error: unknown): void;
  readonly exits: number[];
}

/** A process that is none. */
export function fakeHost(
  args: readonly string[],
  { terminal = false, env = {}, typed = '', judgeDisk = async () => 'durable' }: HostOptions = {},
): FakeHost {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const exits: number[] = [];
  let crash: (error: unknown) => void = () => {};
  const handlers = new Set<(signal: StopSignal) => void>();
  const hangups = new Set<() => void>();
  const stream = new PassThrough();
  stream.end(typed);
  const host: Host = {
    args,
    env,
    judgeDisk,
    pid: 1,
    version: '0.0.0',
    stdin: { stream, isTTY: terminal },
    stdout: { write: (chunk) => out.push(Buffer.from(chunk)), isTTY: terminal },
    stderr: { write: (chunk) => err.push(Buffer.from(chunk)), isTTY: terminal },
    onSignal(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    onHangup(handler) {
      hangups.add(handler);
      return () => hangups.delete(handler);
    },
    onCrash: (handler) => {
      crash = handler;
    },
    exit: (code) => exits.push(code),
  };
  return {
    host,
    stdout: () => Buffer.concat(out),
    stderr: () => Buffer.concat(err).toString(),
    signal: (name) => {
      for (const handler of [...handlers]) handler(name);
    },
    hangUp: () => {
      for (const handler of [...hangups]) handler();
    },
    crash: (error) => crash(error),
    exits,
  };
}

/** Runs a command in this process. */
export async function runHere(args: readonly string[], options: HostOptions = {}) {
  const fake = fakeHost(args, options);
  const code = await runProgram(fake.host);
  return { code, stdout: fake.stdout().toString(), bytes: fake.stdout(), stderr: fake.stderr() };
}
