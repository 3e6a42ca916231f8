import { type FenergoFeed, feedNames } from '../../../connectors/fenergo/feeds.ts';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import type { Witness } from '../../../connectors/fenergo/simulator/witness.ts';
import type { WitnessedComplete } from '../judge/judge.ts';

export interface UpstreamOptions {
  readonly eventsPerFeed: number;
  /** Which of a batch's events the sink has not, asked whenever its complete arrives. */
  readonly absent: (feed: FenergoFeed, ids: readonly string[]) => readonly string[];
}

/** A Fenergo platform in this process that sees what is in the sink when a complete arrives. */
export interface Upstream extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly completes: readonly (WitnessedComplete & { readonly at: number })[];
  /** Resolves when so many calls have come in, ever since the start. */
  reached(calls: number): Promise<void>;
  /** Looks at each call after this upstream has. */
  trap: Witness;
}

export async function startUpstream({ eventsPerFeed, absent }: UpstreamOptions): Promise<Upstream> {
  const completes: (WitnessedComplete & { readonly at: number })[] = [];
  const waiters = new Map<() => void, number>();
  let calls = 0;

  const upstream = {
    trap: {} as Witness,
    completes,
    async reached(wanted: number) {
      if (calls >= wanted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiters.set(resolve, wanted);
      await promise;
    },
  };
  const witness: Witness = {
    async arrived(call) {
      const { feed, batchId } = call;
      if (call.call === 'complete') {
        completes.push({ feed, batchId, at: Date.now(), absent: absent(feed, call.eventIds()) });
      }
      calls += 1;
      for (const [resolve, wanted] of waiters) {
        if (calls < wanted) continue;
        waiters.delete(resolve);
        resolve();
      }
      return upstream.trap.arrived?.(call);
    },
    worked: async (call) => upstream.trap.worked?.(call),
    answered: (call) => upstream.trap.answered?.(call),
  };
  const fill = feedNames.map((feed) => ({ feed, events: eventsPerFeed }));
  const simulator = await startFenergoSimulator({ fill, witness });
  return Object.assign(upstream, { simulator, [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose]() });
}
