import type { BridgeError } from '../../core/errors.ts';

/** What became of an append. `failed`: certainly not in the log. `unknown`: it may be. */
export type AppendOutcome =
  | { readonly status: 'written'; readonly firstOffset: number }
  | { readonly status: 'failed' | 'unknown'; readonly error: BridgeError };

/** An append on its way. */
export interface Append {
  readonly outcome: Promise<AppendOutcome>;
  /** Ends the wait: `failed` when it has not begun, and then never will; else `unknown`. Nothing once it has ended. */
  abandon(error: BridgeError): void;
}

export interface AppendQueue {
  append(lines: readonly Buffer[]): Append;
  /** Whether nothing waits and nothing is being written. */
  idle(): boolean;
  /** Resolves when it is idle. */
  settled(): Promise<void>;
}

interface Waiting {
  readonly lines: readonly Buffer[];
  readonly bytes: number;
  readonly settle: (outcome: AppendOutcome) => void;
}

/** Bounds the memory of one write; a single append may be larger. */
const maxGroupBytes = 8 * 1024 ** 2;

/** One write at a time, in order of calling; what has come in meanwhile goes into the next one. `write` never rejects. */
export function createAppendQueue(write: (lines: readonly Buffer[]) => Promise<AppendOutcome>): AppendQueue {
  const waiting: Waiting[] = [];
  let working: Promise<void> | undefined;

  function takeGroup(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { bytes: more } of waiting) {
      if (count > 0 && bytes + more > maxGroupBytes) break;
      bytes += more;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const group = takeGroup();
      const outcome = await write(
        group.length === 1 && group[0] ? group[0].lines : group.flatMap(({ lines }) => lines),
      );
      let offset = outcome.status === 'written' ? outcome.firstOffset : 0;
      for (const { lines, settle } of group) {
        settle(outcome.status === 'written' ? { status: 'written', firstOffset: offset } : outcome);
        offset += lines.length;
      }
    }
    working = undefined;
  }

  return {
    append(lines) {
      const { promise, resolve } = Promise.withResolvers<AppendOutcome>();
      const entry: Waiting = { lines, bytes: lines.reduce((sum, line) => sum + line.length, 0), settle: resolve };
      waiting.push(entry);
      working ??= work();
      return {
        outcome: promise,
        abandon(error) {
          const index = waiting.indexOf(entry);
          if (index !== -1) waiting.splice(index, 1);
          resolve({ status: index === -1 ? 'unknown' : 'failed', error });
        },
      };
    },
    idle: () => working === undefined,
    settled: () => working ?? Promise.resolve(),
  };
}
