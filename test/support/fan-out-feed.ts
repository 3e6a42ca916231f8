import type { Condition } from '../../src/core/condition.ts';
import { createFanOut } from '../../src/pipeline/fan-out.ts';
import { createLanesPublisher } from '../../src/pipeline/lanes.ts';
import type { FeedContext } from '../../src/pipeline/settle.ts';
import { type Answer, confirmAll, createFakeSink, type FakeSink } from './fake-sink.ts';
import type { MemoryState } from './memory-state.ts';
import { createSampleFeed, type SampleFeed } from './sample-feed.ts';

export interface FakeDestination {
  readonly answer?: Answer;
  readonly wants?: Condition;
}

/** A feed with several destinations, each with a broker under the test's control. */
export interface FanOutFeed extends Omit<SampleFeed, 'sink'> {
  readonly context: FeedContext;
  readonly sinks: Readonly<Record<string, FakeSink>>;
  /** Ids that a destination has confirmed, in order. */
  confirmed(name: string): readonly string[];
}

export interface FanOutFeedOptions {
  /** Of a feed before a crash. */
  readonly state?: MemoryState;
  readonly graceMs?: number;
}

export function createFanOutFeed(
  to: Readonly<Record<string, FakeDestination>>,
  { state, graceMs = 0 }: FanOutFeedOptions = {},
): FanOutFeed {
  const feed = createSampleFeed();
  const sinks: Record<string, FakeSink> = {};
  const destinations = Object.entries(to).map(([name, { answer = confirmAll, wants }]) => {
    const sink = createFakeSink({ answer });
    sinks[name] = sink;
    const publisher = createLanesPublisher(sink, feed.recorder.report, { baseMs: 1, capMs: 1, jitter: 'full' });
    return { name, identity: name, publisher, wants };
  });
  const { ledger, deadLetters } = state ?? feed.state;
  return {
    ...feed,
    state: state ?? feed.state,
    sinks,
    context: { ...feed.context, destinations, fanOut: createFanOut({ graceMs }), ledger, deadLetters },
    confirmed: (name) => sinks[name]?.confirmed ?? [],
  };
}
