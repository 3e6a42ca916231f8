import type { Readable } from 'node:stream';
import type { JudgeDisk } from './judge-disk.ts';

export interface Output {
  write(chunk: string | Uint8Array): unknown;
  /** A person is looking. */
  readonly isTTY: boolean;
}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** What the process gives to the command line; nothing else of it is touched. */
export interface Host {
  /** Without the program and the script. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly version: string;
  readonly stdin: { readonly stream: Readable; readonly isTTY: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Default: by the file system that the operating system names. */
  readonly judgeDisk?: JudgeDisk;
  /** From now on signals come here instead of ending the process; gives the way back. */
  onSignal(handler: (signal: StopSignal) => void): () => void;
  /** From now on a SIGHUP comes here instead of ending the process; gives the way back. */
  onHangup(handler: () => void): () => void;
  /** Told of what nobody caught, rejections too; the handler given last counts, and has to call `exit`. */
  onCrash(handler: (error: unknown) => void): void;
  /** Ends the process at once. */
  exit(code: number): void;
}
