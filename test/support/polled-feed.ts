import type { PollProtocol } from '../../src/core/poll-protocol.ts';
import type { Schedule } from '../../src/core/schedule.ts';
import type { Source } from '../../src/core/source.ts';
import { createFeedRunner, type FeedRunner } from '../../src/pipeline/feed-runner.ts';
import { createPollSource } from '../../src/sources/poll/poll-source.ts';
import { pollTiming } from '../../src/sources/poll/timing.ts';
import { fakeProtocol } from './fake-protocol.ts';
import type { Answer } from './fake-sink.ts';
import { createFakeUpstream, type FakeUpstream } from './fake-upstream.ts';
import { createSampleFeed, type SampleFeed } from './sample-feed.ts';

/** A feed polled from a fake upstream, published to a fake sink, run as the daemon runs it. */
export interface PolledFeed extends SampleFeed {
  readonly upstream: FakeUpstream;
  readonly runner: FeedRunner;
  openSource(): Source;
}

export interface PolledFeedOptions {
  readonly schedule?: Schedule;
  readonly protocol?: PollProtocol;
  readonly answer?: Answer;
}

/** Every 15 s, without jitter. */
export const every15s: Schedule = { kind: 'every', everyMs: 15_000, jitter: 0 };

export function createPolledFeed({ schedule = every15s, protocol = fakeProtocol, answer }: PolledFeedOptions = {}) {
  const feed = createSampleFeed(answer);
  const upstream = createFakeUpstream();
  const openSource = () =>
    createPollSource({
      feed: 'sample/feed',
      client: upstream.client,
      protocol,
      schedule,
      cursors: feed.state.cursors,
      report: feed.recorder.report,
      timing: pollTiming,
    });
  const runner = createFeedRunner({ context: feed.context, openSource });
  const polled: PolledFeed = { ...feed, upstream, openSource, runner };
  return polled;
}
