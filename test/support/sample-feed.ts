import { BridgeError } from '../../src/core/errors.ts';
import type { Delivery } from '../../src/core/sink.ts';
import { createFanOut } from '../../src/pipeline/fan-out.ts';
import { createLanesPublisher } from '../../src/pipeline/lanes.ts';
import { createPoisonWatch } from '../../src/pipeline/poison-watch.ts';
import type { FeedContext } from '../../src/pipeline/settle.ts';
import { type Answer, confirmAll, createFakeSink, type FakeSink } from './fake-sink.ts';
import { createMemoryState, type MemoryState } from './memory-state.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { sampleNormalise } from './sample-events.ts';

/** A feed whose ends are all in the hands of the test. */
export interface SampleFeed {
  readonly context: FeedContext;
  readonly sink: FakeSink;
  readonly state: MemoryState;
  readonly recorder: Recorder;
  /** What was asked of state and sink, in order. Batches of the test may write here too. */
  readonly calls: string[];
}

export function createSampleFeed(answer: Answer = confirmAll): SampleFeed {
  const calls: string[] = [];
  const state = createMemoryState(calls);
  const recorder = createRecorder();
  const sink = createFakeSink({
    answer(call): readonly Delivery[] | Promise<readonly Delivery[]> {
      calls.push(`publish ${call.ids.join(' ')}`);
      return answer(call);
    },
  });
  const { report } = recorder;
  const context: FeedContext = {
    feed: 'sample/feed',
    source: '/sample/feed',
    normalise: sampleNormalise,
    steps: [],
    fetch: () => Promise.reject(new BridgeError('INTERNAL', 'the sample feed has nothing to fetch')),
    destinations: [{ name: undefined, identity: 'sample', publisher: createLanesPublisher(sink, report) }],
    fanOut: createFanOut(),
    poisonWatch: createPoisonWatch(),
    ledger: state.ledger,
    deadLetters: state.deadLetters,
    report,
  };
  return { context, sink, state, recorder, calls };
}
