import { type FenergoFeed, feedNames } from '../../../connectors/fenergo/feeds.ts';
import { startUpstream, type Upstream } from '../bridge/upstream.ts';
import type { Verdict } from '../judge/judge.ts';
import { createTopics, uniqueName } from '../kafka/topics.ts';
import { type Client, type KafkaDaemon, startKafkaDaemon } from './kafka-daemon.ts';
import { timed, verdictOn } from './verdict.ts';

export interface RigOptions {
  readonly bootstrap: string;
  readonly client: Client;
  /** Default: 60. */
  readonly eventsPerFeed?: number;
  /** Of each topic. */
  readonly config?: Readonly<Record<string, string>>;
  /** Under `to`, besides topic. */
  readonly to?: Readonly<Record<string, unknown>>;
  readonly probeMs?: number;
}

/** Six feeds of one pipeline on their way into six topics. */
export interface Rig extends AsyncDisposable {
  readonly upstream: Upstream;
  readonly daemon: KafkaDaemon;
  readonly topicOf: (feed: FenergoFeed) => string;
  /** Makes the topic of a feed, as those of all are at the beginning. */
  createTopic(feed: FenergoFeed): Promise<void>;
  fill(events: number, feeds?: readonly FenergoFeed[]): void;
  /** Whether nothing waits in these feeds, and every batch of theirs is completed. */
  isEmpty(feeds?: readonly FenergoFeed[]): boolean;
  /** The codes of what went wrong with a feed so far. */
  troublesOf(feed: FenergoFeed): readonly string[];
  verdict(what: string, deleted?: ReadonlySet<string>): Promise<Verdict>;
}

export async function openRig(options: RigOptions): Promise<Rig> {
  const { bootstrap, client, eventsPerFeed = 60, to = {}, probeMs } = options;
  const config = { ...timed, ...options.config };
  await using resources = new AsyncDisposableStack();
  const upstream = resources.use(await startUpstream({ eventsPerFeed, absent: () => [] }));
  const { simulator } = upstream;
  const prefix = `${uniqueName('rig')}.`;
  const topicOf = (feed: FenergoFeed) => prefix + feed;
  await createTopics(bootstrap, feedNames.map(topicOf), { config });
  const daemon = resources.use(
    await startKafkaDaemon({
      brokers: { kafka: { client, bootstrap: [bootstrap] } },
      pipelines: { fenergo: { baseUrl: simulator.baseUrl, to: { ...to, topic: `${prefix}{feed}` } } },
      timing: { ...(probeMs !== undefined && { probeMs }) },
    }),
  );
  const opened = resources.move();
  return {
    upstream,
    daemon,
    topicOf,
    createTopic: (feed) => createTopics(bootstrap, [topicOf(feed)], { config }),
    fill(events, feeds = feedNames) {
      for (const feed of feeds) simulator.fill({ feed, events });
    },
    isEmpty(feeds = feedNames) {
      const { feeds: stats } = simulator.stats();
      return feeds.every((feed) => stats[feed].waiting === 0 && stats[feed].openBatchId === null);
    },
    troublesOf(feed) {
      return daemon.recorder.events.flatMap((event) => {
        if (!('error' in event)) return [];
        const name = 'feed' in event ? event.feed : 'subject' in event ? event.subject : '';
        return name === `fenergo/${feed}` ? [event.error.code] : [];
      });
    },
    async verdict(what, deleted = new Set()) {
      const deadLetters = await daemon.operations.deadLetters({ limit: 1_000 });
      return verdictOn(what, { upstream, bootstrap, client, topicOf, deadLetters, deleted });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
