import type { FeedName } from '../core/batch.ts';
import { toBridgeError } from '../core/errors.ts';
import type { FeedState } from '../core/feed-state.ts';
import type { Source } from '../core/source.ts';
import { backoffMs, upstreamBackoff, wait } from './backoff.ts';
import { drainSource } from './drain-source.ts';
import { type Handling, publishing } from './handling.ts';
import { createInFlight } from './in-flight.ts';
import { createPoisonWatch } from './poison-watch.ts';
import type { FeedContext } from './settle.ts';

/** How long a halted feed rests before it is probed again. */
export const probeMs = 5 * 60_000;

/** What one feed may have taken and not settled. */
export const inFlightBound = { batches: 1_000, bytes: 64 * 1024 ** 2 };

/** Runs one feed: drains its source, halts it on a fatal error, probes it again, pauses and resumes it. */
export interface FeedRunner {
  readonly feed: FeedName;
  readonly state: FeedState;
  /** Begins, or ends a pause, or ends a halt before its probe is due. While it stops: begins again after that. */
  resume(): void;
  /** Stops taking; what is in flight is given `graceMs` to settle, and is then given back. */
  stop(graceMs: number): Promise<{ readonly drained: boolean }>;
}

export interface FeedRunnerOptions {
  readonly context: Omit<FeedContext, 'poisonWatch'>;
  /** Called anew after each pause: nothing of the time before it is remembered. */
  readonly openSource: () => Source;
  /** Default: `inFlightBound`. */
  readonly inFlight?: typeof inFlightBound | undefined;
  /** What is done with its batches. Default: `publishing`. */
  readonly handle?: (feed: FeedContext) => Handling;
  /** Milliseconds that a halted feed rests before it is probed again. Default: 5 minutes. */
  readonly probeMs?: number;
}

interface Run {
  readonly stop: AbortController;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  /** Cuts the rest of a halt short. */
  probe: () => void;
}

export function createFeedRunner(options: FeedRunnerOptions): FeedRunner {
  const {
    context,
    openSource,
    inFlight: bound = inFlightBound,
    handle = publishing,
    probeMs: restMs = probeMs,
  } = options;
  const { feed, report } = context;
  let run: Run | undefined;
  let state: FeedState = 'paused';
  /** Resumed while it still stops. */
  let resumed = false;

  function begin() {
    const stop = new AbortController();
    const abort = new AbortController();
    run = { stop, abort, probe: () => {}, ended: Promise.resolve() };
    run = { ...run, ended: work(stop.signal, abort.signal) };
  }

  async function work(stop: AbortSignal, abort: AbortSignal) {
    let source: Source | undefined;
    const inFlight = createInFlight(bound);
    let watched: FeedContext = { ...context, poisonWatch: createPoisonWatch() };
    state = 'running';
    report({ event: 'feed.started', feed });
    while (!stop.aborted) {
      try {
        source ??= openSource();
        await drainSource(source, handle(watched), inFlight, { stop, abort });
        // A source that ends of its own accord is not asked again without a pause.
        await wait(backoffMs(upstreamBackoff, 1), stop).catch(() => {});
      } catch (thrown) {
        const error = toBridgeError(thrown);
        state = 'halted';
        report({ event: 'feed.halted', feed, error, probeMs: restMs });
        const byOperator = await rest(stop);
        const pardon = error.code === 'POISON_FLOOD';
        if (byOperator) watched = { ...context, poisonWatch: createPoisonWatch({ pardon }) };
        if (!stop.aborted) state = 'running';
      }
    }
    await handle(watched).close();
  }

  /** Waits for the next probe; gives whether an operator came first. */
  async function rest(stop: AbortSignal): Promise<boolean> {
    const early = new AbortController();
    if (run) run.probe = () => early.abort();
    await wait(restMs, AbortSignal.any([stop, early.signal])).catch(() => {});
    return early.signal.aborted;
  }

  return {
    feed,
    get state() {
      return state;
    },
    resume() {
      if (!run) begin();
      else if (run.stop.signal.aborted) resumed = true;
      else run.probe();
    },
    async stop(graceMs) {
      resumed = false;
      const stopping = run;
      if (!stopping) return { drained: true };
      stopping.stop.abort();
      const timer = setTimeout(() => stopping.abort.abort(), graceMs);
      await stopping.ended;
      clearTimeout(timer);
      if (run === stopping) {
        run = undefined;
        state = 'paused';
        if (resumed) begin();
      }
      return { drained: !stopping.abort.signal.aborted };
    },
  };
}
