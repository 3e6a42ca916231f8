import { type FenergoFeed, feedNames } from '../../../connectors/fenergo/feeds.ts';
import { batchBody } from '../../../connectors/fenergo/simulator/batch-body.ts';
import { createEventMaker } from '../../../connectors/fenergo/simulator/events.ts';
import { defaultTenant } from '../../../connectors/fenergo/simulator/options.ts';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import type { Witness } from '../../../connectors/fenergo/simulator/witness.ts';
import type { WitnessedComplete } from '../judge/judge.ts';

export interface UpstreamOptions {
  readonly eventsPerFeed: number;
  /** How many entities take turns in a feed. Default: 500, so that each has few events. */
  readonly entities?: number;
  /** Which of a batch's events the sink has not, asked whenever its complete arrives, which waits for the answer. */
  readonly absent: (feed: FenergoFeed, ids: readonly string[]) => readonly string[] | Promise<readonly string[]>;
}

/** A Fenergo platform in this process that sees what is in the sink when a complete arrives. */
export interface Upstream extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly completes: readonly (WitnessedComplete & { readonly at: number })[];
  /** Lets so many more events wait in each feed. */
  refill(events: number): void;
  /** How many events have been let wait in each feed. */
  eventsPerFeed(): number;
  /** Resolves when so many calls have come in, ever since the start. */
  reached(calls: number): Promise<void>;
  /** Looks at each call after this upstream has. */
  trap: Witness;
}

const batchSize = 10;
/** In the events of the simulator, the sequence number modulo this makes the entity. */
const allEntities = 500;

/** Batches of events that are about few entities, in turn. `from`: the place of the first event in the feed. */
function* batchesOf(feed: FenergoFeed, from: number, events: number, entities: number) {
  const maker = createEventMaker(feed, 1, defaultTenant);
  const look = { at: Date.parse('2026-01-05T08:00:00Z'), eventBytes: 0 };
  for (let first = from; first < from + events; first += batchSize) {
    const size = Math.min(batchSize, from + events - first);
    const turns = Array.from({ length: size }, (_, at) => first + at);
    const sequences = turns.map((turn) => allEntities * (1 + Math.floor(turn / entities)) + (turn % entities));
    const batchId = String(1_000 + first);
    const notifications = sequences.map((sequence) => maker.render(sequence, look));
    yield { batchId, body: batchBody(batchId, notifications, true) };
  }
}

export async function startUpstream({ eventsPerFeed, entities, absent }: UpstreamOptions): Promise<Upstream> {
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
        const at = Date.now();
        completes.push({ feed, batchId, at, absent: await absent(feed, call.eventIds()) });
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
  const simulator = await startFenergoSimulator({ witness });
  let filled = 0;

  function refill(events: number): void {
    for (const feed of feedNames) {
      if (entities === undefined) simulator.fill({ feed, events });
      else
        for (const { batchId, body } of batchesOf(feed, filled, events, entities))
          simulator.enqueue(feed, body, batchId);
    }
    filled += events;
  }

  refill(eventsPerFeed);
  return Object.assign(upstream, {
    simulator,
    refill,
    eventsPerFeed: () => filled,
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  });
}
