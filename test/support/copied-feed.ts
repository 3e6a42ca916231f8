import { encodeStructured } from '../../src/core/envelope.ts';
import { createDeadLetterCopies } from '../../src/pipeline/dead-letter-copies.ts';
import { createLanesPublisher } from '../../src/pipeline/lanes.ts';
import type { FeedContext } from '../../src/pipeline/settle.ts';
import { type Answer, confirmAll, createFakeSink } from './fake-sink.ts';
import type { MemoryState } from './memory-state.ts';
import { createSampleFeed, type SampleFeed } from './sample-feed.ts';

/** A feed whose dead letters are copied to a broker under the test's control. */
export interface CopiedFeed extends SampleFeed {
  readonly context: FeedContext;
  /** The copies that were confirmed, as their broker has them. */
  readonly copied: readonly string[];
}

/** `copies`: how the broker of the copies answers. `state`: of a feed before a crash. Copies are called `copy <index>`. */
export function createCopiedFeed(answer: Answer, copies: Answer = confirmAll, state?: MemoryState): CopiedFeed {
  const feed = createSampleFeed(answer);
  const copied: string[] = [];
  const sink = createFakeSink({
    async answer(call) {
      const bodies = call.items.map(({ envelope }) => encodeStructured(envelope).toString());
      feed.calls.push(`copy ${bodies.map((body) => JSON.parse(body).data.index).join(' ')}`);
      const deliveries = await copies(call);
      copied.push(...bodies.filter((_, at) => deliveries[at]?.status === 'confirmed'));
      return deliveries;
    },
  });
  const { report } = feed.recorder;
  const publisher = createLanesPublisher(sink, report, { baseMs: 1, capMs: 1, jitter: 'full' });
  const { ledger, deadLetters } = state ?? feed.state;
  return {
    ...feed,
    state: state ?? feed.state,
    copied,
    context: { ...feed.context, ledger, deadLetters, copies: createDeadLetterCopies(publisher, report) },
  };
}
