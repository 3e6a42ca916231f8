import type { FeedName } from '../../src/core/batch.ts';
import { BridgeError, toBridgeError } from '../../src/core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../src/core/http.ts';
import type { Source } from '../../src/core/source.ts';
import type { ParkedKey } from '../../src/core/state.ts';
import type { Step } from '../../src/core/step.ts';
import { createFanOut } from '../../src/pipeline/fan-out.ts';
import { createFeedRunner, type FeedRunner } from '../../src/pipeline/feed-runner.ts';
import { createLanesPublisher } from '../../src/pipeline/lanes.ts';
import { createParking, type Place } from '../../src/pipeline/parking.ts';
import { releaseKey } from '../../src/pipeline/release-key.ts';
import { createPollSource } from '../../src/sources/poll/poll-source.ts';
import { rememberingLedger } from '../../src/state/remembering-ledger.ts';
import type { Report } from '../../src/telemetry/events.ts';
import { daemonTiming } from '../../src/timing.ts';
import { cursorProtocol, fakeProtocol } from '../support/fake-protocol.ts';
import { createFakeSink, type FakeSink } from '../support/fake-sink.ts';
import { sampleNormalise } from '../support/sample-events.ts';
import type { Broker } from './broker.ts';
import type { Desk } from './desk.ts';
import type { FeedPlan, History } from './history.ts';
import { manyAtOnce } from './many-at-once.ts';
import type { Promises } from './promises.ts';
import { watchSharing } from './sharing.ts';
import { watchedCursors, watchedDeadLetters, watchedLedger } from './state.ts';
import type { Parts } from './store.ts';
import { type Held, polledClient } from './upstream.ts';

/** What the bridge is put between. */
export interface Ends {
  readonly history: History;
  readonly held: readonly (readonly Held[])[];
  /** One for each destination. */
  readonly brokers: readonly Broker[];
  readonly promises: Promises;
  /** Ids that the step has refused, for good. */
  readonly refusedByStep: Set<string>;
  readonly report: Report;
}

/** One process, put together as the daemon does it. */
export interface Life {
  readonly runners: readonly FeedRunner[];
  /** What the publisher did against the contract of Sink. */
  readonly breaches: readonly string[];
  /** Keys that are parked, with their feeds. */
  readonly parked: readonly (Place & { readonly feed: number })[];
  /** Whether a key is being released. */
  readonly releasing: boolean;
  /** As an operator does it, who discards what can never be published. */
  release(feed: number, key: string): void;
  /** As on SIGTERM. */
  drain(): Promise<{ readonly drained: boolean }>;
}

export function beginLife(ends: Ends, parts: Parts, desk: Desk, stored: readonly ParkedKey[]): Life {
  const { history, held, promises, report } = ends;
  const sinks = ends.brokers.map((broker, at) => sinkTo(broker, at, ends, desk));
  const destinations = sinks.map((sink, at) => {
    const { maxOpenCalls, spareCalls = 0 } = history.sink;
    const watched = watchSharing({ maxOpenCalls, spareCalls }, promises).watched(sink);
    const publisher = createLanesPublisher(watched, report, daemonTiming.publish);
    return { name: sinks.length > 1 ? `d${at}` : undefined, identity: String(at), publisher };
  });
  const fanOut = createFanOut();
  const stateEnds = { parts, batches: held.flat(), desk, promises };
  const ledger = rememberingLedger(watchedLedger(stateEnds), () => {});
  const deadLetters = watchedDeadLetters(stateEnds);
  const cursors = watchedCursors(stateEnds);

  function openSource(plan: FeedPlan, feed: number): Source {
    const batches = held[feed] ?? [];
    const { arrival, bytes = 100 } = plan;
    if (arrival === 'in-order' || arrival === 'independent') {
      return manyAtOnce({ feed, ackOrder: arrival, batches, bytes, desk, promises });
    }
    return createPollSource({
      feed: `model/${feed}`,
      client: polledClient(batches, feed, desk, promises),
      protocol: arrival === 'told' ? fakeProtocol : cursorProtocol,
      schedule: { kind: 'every', everyMs: 300_000, jitter: 0 },
      cursors,
      report,
      timing: daemonTiming.poll,
    });
  }

  const ending = new AbortController();
  const releases = new Set<Promise<void>>();

  const feeds = history.feeds.map((plan, feed) => {
    const name: FeedName = `model/${feed}`;
    const source = `/model/${feed}`;
    const parking = createParking({
      feed: name,
      source,
      onPoison: history.onPoison ?? 'dead-letter',
      deadLetters,
      report,
      destinations: destinations.map(({ identity }) => identity),
      parked: stored,
    });
    const context = {
      feed: name,
      source,
      normalise: sampleNormalise,
      steps: plan.asks ? [asking] : [],
      fetch: askable(feed, desk, ends.refusedByStep),
      destinations,
      fanOut,
      ledger,
      deadLetters,
      parking,
      report,
    };
    const runner = createFeedRunner({
      context,
      probeMs: daemonTiming.probeMs,
      openSource: () => watched(openSource(plan, feed), feed, promises),
    });
    return { runner, context };
  });
  const runners = feeds.map(({ runner }) => runner);

  async function release(feed: number, key: string) {
    const context = feeds[feed]?.context;
    if (!context) return;
    const over = promises.releasing(feed, key);
    const options = { reason: 'mended', withinMs: 60_000, signal: ending.signal };
    try {
      const { refused } = await releaseKey(context, key, options);
      const at = new Date();
      const isHopeless = refused && ['EVENT_UNROUTABLE', 'RESOURCE_REFUSED'].includes(refused.error.code);
      if (isHopeless) await deadLetters.close([refused.id], { status: 'discarded', reason: 'hopeless', at });
    } catch (thrown) {
      const { code } = toBridgeError(thrown);
      if (
        ![
          'NOT_FOUND',
          'STOPPING',
          'STATE_UNWRITABLE',
          'STATE_DAMAGED',
          'DESTINATION_MISSING',
          'UPSTREAM_REFUSED',
        ].includes(code)
      ) {
        promises.breach(`a release ends with ${code}`);
      }
    } finally {
      over();
    }
  }

  return {
    runners,
    get breaches() {
      return sinks.flatMap(({ breaches }) => breaches);
    },
    get parked() {
      return feeds.flatMap(({ context: { parking } }, feed) => parking.places.map((place) => ({ ...place, feed })));
    },
    get releasing() {
      return releases.size > 0;
    },
    release(feed, key) {
      if (ending.signal.aborted || releases.size > 0) return;
      const released = release(feed, key).finally(() => releases.delete(released));
      releases.add(released);
    },
    async drain() {
      ending.abort();
      await Promise.all(releases);
      const all = await Promise.all(runners.map((runner) => runner.stop(daemonTiming.drainMs)));
      for (const { publisher } of destinations) await publisher[Symbol.asyncDispose]();
      return { drained: all.every(({ drained }) => drained) };
    },
  };
}

/** The sink of a destination, whose calls wait for their fate. */
function sinkTo(broker: Broker, at: number, { history, promises }: Ends, desk: Desk): FakeSink {
  const { maxOpenCalls, events, spareCalls = 0, perLane = Number.POSITIVE_INFINITY } = history.sink;
  return createFakeSink({
    maxOpenCalls,
    spareCalls,
    perLane,
    maxCall: { events },
    destination: (lane) => (spareCalls > 0 ? lane : 'topic'),
    answer({ items, ids, signal }) {
      const answered = promises.sending(items, at);
      return desk.call({
        name: 'publish',
        ...(at > 0 && { feed: at }),
        about: ids.join(' '),
        signal,
        answer(fate) {
          const deliveries = broker.deliver(items, fate);
          answered(deliveries);
          return deliveries;
        },
        land: (fate) => broker.land(items, fate),
        givenUp: () => items.map(() => ({ status: 'unknown', error: new BridgeError('STOPPING', 'given up') })),
      });
    },
  });
}

function watched(source: Source, feed: number, promises: Promises): Source {
  return {
    ...source,
    async *batches(stop) {
      for await (const batch of source.batches(stop)) yield promises.taken(batch, feed);
    },
  };
}

/** A step that asks upstream about each event. */
const asking: Step = {
  name: 'ask',
  async apply(envelope, { fetch }) {
    await fetch({ method: 'GET', path: envelope.attributes.id });
    return [{ kind: 'event', envelope }];
  },
};

/** Where the step asks; what has been refused once is refused always. */
function askable(feed: number, desk: Desk, refused: Set<string>) {
  return ({ path }: HttpRequest, signal: AbortSignal) =>
    desk.call<HttpResponse>({
      name: 'ask',
      feed,
      about: path,
      signal,
      answer({ kind }) {
        if (kind === '500') throw new BridgeError('UPSTREAM_ERROR', 'answered 500');
        if (kind === 'fatal') throw new BridgeError('UPSTREAM_REFUSED', 'answered 400');
        if (kind === 'poison') refused.add(path);
        if (refused.has(path)) throw new BridgeError('RESOURCE_REFUSED', `${path} is refused`);
        return { status: 200, headers: {}, body: new Uint8Array(), receivedAt: new Date() };
      },
      land() {},
      givenUp() {
        throw new BridgeError('STOPPING', 'stopped while asking');
      },
    });
}
