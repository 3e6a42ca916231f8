import type { State } from './core/state.ts';

const everyMs = 3_600_000;

/** Forgets completed ledger entries, closed dead letters and ended requests that are older than the configuration keeps them. */
export function pruneRegularly(state: State, keepMs: number): Disposable {
  const timer = setInterval(() => {
    // A failure shows at the next write; pruning itself can wait.
    const before = new Date(Date.now() - keepMs);
    state.ledger.prune(before).catch(() => {});
    state.deadLetters.prune(before).catch(() => {});
    state.requests.prune(before).catch(() => {});
  }, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
