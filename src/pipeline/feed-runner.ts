import type { FeedName } from '../core/batch.ts';
import { toBridgeError } from '../core/errors.ts';
import type { Source } from '../core/source.ts';
import type { FeedState } from '../operations/feed-control.ts';
import { wait } from './backoff.ts';
import { drainSource } from './drain-source.ts';
import { createInFlight } from './in-flight.ts';
import { createPoisonWatch } from './poison-watch.ts';
import type { FeedContext } from './settle.ts';

/** How long a halted feed rests before it is probed again. */
export const probeMs = 5 * 60_000;

/** What one feed may have taken and not settled. */
export const inFlightBound = { batches: 1_000, bytes: 64 * 1024 ** 2 } as const;

/** Runs one feed: drains its source, halts it on a fatal error, probes it again, pauses and resumes it. */
export interface FeedRunner {
  readonly feed: FeedName;
  readonly state: FeedState;
  /** Begins, or ends a pause, or ends a halt before its probe is due. */
  resume(): void;
  /** Stops taking; what is in flight is given `graceMs` to settle, and is then given back. */
  stop(graceMs: number): Promise<{ readonly drained: boolean }>;
}

export interface FeedRunnerOptions {
  readonly context: Omit<FeedContext, 'poisonWatch'>;
  /** Called anew after each pause: nothing of the time before it is remembered. */
  readonly openSource: () => Source;
}

interface Run {
  readonly stop: AbortController;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  /** Cuts the rest of a halt short. */
  probe: () => void;
}

export function createFeedRunner({ context, openSource }: FeedRunnerOptions): FeedRunner {
  const { feed, report } = context;
  let run: Run | undefined;
  let state: FeedState = 'paused';

  async function work(stop: AbortSignal, abort: AbortSignal) {
    const source = openSource();
    const inFlight = createInFlight(inFlightBound);
    let watched: FeedContext = { ...context, poisonWatch: createPoisonWatch() };
    state = 'running';
    report({ event: 'feed.started', feed });
    while (!stop.aborted) {
      try {
        await drainSource(source, watched, inFlight, { stop, abort });
      } catch (thrown) {
        const error = toBridgeError(thrown);
        state = 'halted';
        report({ event: 'feed.halted', feed, error, probeMs });
        const byOperator = await rest(stop);
        if (byOperator) watched = { ...context, poisonWatch: createPoisonWatch() };
        if (!stop.aborted) state = 'running';
      }
    }
  }

  /** Waits for the next probe; gives whether an operator came first. */
  async function rest(stop: AbortSignal): Promise<boolean> {
    const early = new AbortController();
    if (run) run.probe = () => early.abort();
    await wait(probeMs, AbortSignal.any([stop, early.signal])).catch(() => {});
    return early.signal.aborted;
  }

  return {
    feed,
    get state() {
      return state;
    },
    resume() {
      if (run) {
        run.probe();
        return;
      }
      const stop = new AbortController();
      const abort = new AbortController();
      run = { stop, abort, probe: () => {}, ended: Promise.resolve() };
      run = { ...run, ended: work(stop.signal, abort.signal) };
    },
    async stop(graceMs) {
      if (!run) return { drained: true };
      const { stop, abort, ended } = run;
      stop.abort();
      const timer = setTimeout(() => abort.abort(), graceMs);
      await ended;
      clearTimeout(timer);
      run = undefined;
      state = 'paused';
      return { drained: !abort.signal.aborted };
    },
  };
}
