import { claimsOpener } from './claims/open-claims.ts';
import type { PipelineDefinition } from './config/configuration.ts';
import type { Archive } from './core/archive.ts';
import type { FeedName } from './core/batch.ts';
import type { FeedDefinition } from './core/connector.ts';
import { BridgeError } from './core/errors.ts';
import { isTransactional, type TransactionalSink } from './core/fenced-writer.ts';
import type { Hooks } from './core/hook.ts';
import type { ContentClient, Endpoint, HttpClient } from './core/http.ts';
import type { RequestDesk } from './core/request-desk.ts';
import type { Source } from './core/source.ts';
import type { State } from './core/state.ts';
import type { ProxySettings } from './http/channel.ts';
import { createHttpClient } from './http/client.ts';
import { noClient } from './http/no-client.ts';
import { type DestinationContext, openCopies, openDestination } from './open-destination.ts';
import { openSteps } from './open-downloads.ts';
import { openJobs } from './open-jobs.ts';
import { openLeftFeed } from './open-left-feed.ts';
import { openMailbox } from './open-mailbox.ts';
import { openSpooledFeed } from './open-spooled-feed.ts';
import { openStream } from './open-stream.ts';
import { openRegistration, openWebhook } from './open-webhook.ts';
import { correlateStep } from './pipeline/correlate.ts';
import type { Destination } from './pipeline/destination.ts';
import { exactlyOnce } from './pipeline/exactly-once.ts';
import { createFanOut, type FanOut } from './pipeline/fan-out.ts';
import { createFeedRunner, type FeedRunner } from './pipeline/feed-runner.ts';
import { createOutlet, type Outlet } from './pipeline/outlet.ts';
import { createParking, type Place } from './pipeline/parking.ts';
import type { Publisher } from './pipeline/publisher.ts';
import { type Release, type ReleaseOptions, releaseKey } from './pipeline/release-key.ts';
import { createTwinMemory, holdingBack, type TwinMemory } from './pipeline/twins.ts';
import { unparkEmptied } from './pipeline/unpark-emptied.ts';
import type { Keeper } from './registration/keeper.ts';
import { createAnswersSource } from './sources/answers/answers-source.ts';
import { type Bell, createBell } from './sources/answers/bell.ts';
import { createPollSource } from './sources/poll/poll-source.ts';
import type { Handover } from './sources/sse/handover.ts';
import type { Report } from './telemetry/events.ts';
import type { DaemonTiming } from './timing.ts';

export interface PipelineContext {
  readonly state: State;
  readonly archive: Archive;
  readonly proxy: ProxySettings;
  readonly report: Report;
  /** What relative paths of the configuration refer to. */
  readonly baseDir: string;
  /** The listener for webhooks; absent: there is none. */
  readonly hooks?: Hooks | undefined;
  /** Where senders reach it, for what is registered. */
  readonly publicUrl?: string | undefined;
  /** The listener for requests; absent: there is none. */
  readonly requests?: RequestDesk | undefined;
  /** Where connections of streams are left for the pipeline that replaces theirs. */
  readonly handover?: Handover | undefined;
  /** Takes what has to be closed when the daemon stops. */
  readonly resources: AsyncDisposableStack;
  readonly timing: DaemonTiming;
  /** Whether there is a spool on the disk: else it is left alone. Default: there is none. */
  readonly hasSpool?: () => boolean;
}

export interface OpenedFeed {
  readonly runner: FeedRunner;
  /** Keys at which its next event would be parked. */
  parked(): readonly Place[];
  /** As `releaseKey`; the feed may run meanwhile. */
  release(key: string, options: ReleaseOptions): Promise<Release>;
  /** Keeps its registration at the upstream; absent: it has none. */
  readonly keeper?: Keeper | undefined;
  /** As `unparkEmptied`. */
  unparkEmptied(signal: AbortSignal): Promise<void>;
  /** For single records, through the feed's own publishers. */
  readonly outlet: Outlet;
}

/** Opens the destinations and the upstream of a pipeline, and makes a runner, which does not run yet, for each of its feeds. */
export async function openPipeline(
  pipeline: PipelineDefinition,
  context: PipelineContext,
): Promise<readonly OpenedFeed[]> {
  const destinations: Destination[] = [];
  const opening: DestinationContext = { ...context, backoff: context.timing.publish };
  const promised = pipeline.delivery === 'exactly-once';
  let transactional: TransactionalSink | undefined;
  for (const to of pipeline.to) {
    const { destination, sink } = await openDestination(pipeline.name, to, opening, promised);
    destinations.push(destination);
    if (!promised) continue;
    if (!isTransactional(sink)) throw new BridgeError('INTERNAL', `the sink of ${pipeline.name} has no transactions`);
    transactional = sink;
  }
  const copies = await openCopies(pipeline.name, pipeline.deadLetters, opening);
  const said = pipeline.bridgeEvents && (await openDestination(pipeline.name, pipeline.bridgeEvents, opening));
  const fanOut = createFanOut();
  const twins = new Map<string, TwinMemory>();
  const clientFor = clientPerEndpoint(pipeline.name, context);
  const parked = await context.state.deadLetters.parkedKeys();
  const bell = createBell();
  const left = await leftInSpool(pipeline, context);
  const opened = pipeline.feeds.map(async (definition): Promise<OpenedFeed> => {
    const feed: FeedName = `${pipeline.name}/${definition.name}`;
    const { ledger, deadLetters } = context.state;
    const { normalise, source, ids } = definition;
    const { report, timing } = context;
    const { publisher: told } = said?.destination ?? {};
    const jobs = await openJobs(pipeline.name, definition, clientFor, told, { ...context, answered: bell.ring });
    const correlate = jobs?.step ?? correlateAnswers(pipeline, definition, context.state);
    // Last: other steps ask the upstream by its own ids.
    const own = await openSteps(definition, clientFor, claimsOpener(context.baseDir, context.resources));
    const steps = correlate ? [...own, correlate] : own;
    const { endpoint } = definition.arrival;
    const client = endpoint ? clientFor(endpoint) : noClient;
    const { onPoison } = pipeline;
    const parking = createParking({
      feed,
      source,
      onPoison,
      deadLetters,
      report,
      parked,
      destinations: destinations.map(({ identity }) => identity),
    });
    if (parking.places.length > 0) void parking.tell();
    const { kind } = definition.arrival;
    const archived = pipeline.archive ?? (kind === 'poll' || kind === 'mailbox');
    const feedContext = {
      feed,
      source,
      ids,
      normalise,
      steps,
      fetch: client.send,
      destinations,
      fanOut: fanOutOf(definition, fanOut, twins),
      carrier: transactional && exactlyOnce({ feed, sink: transactional, ledger, report, backoff: timing.publish }),
      ledger,
      deadLetters,
      archive: archived ? context.archive : undefined,
      copies,
      parking,
      report,
      follow: jobs?.follow,
    };
    const { probeMs } = timing;
    const upstream = await sourceOf(feed, definition, client, { ...context, clientFor, told, bell });
    const sideBySide = definition.arrival.kind === 'webhook';
    const inFlight = sideBySide ? context.hooks?.bound : undefined;
    const runner =
      pipeline.ack === 'spool'
        ? openSpooledFeed(feedContext, upstream, context.state.spool, timing, { inFlight, sideBySide })
        : left.has(feed)
          ? openLeftFeed(feedContext, upstream, context.state.spool, timing, inFlight)
          : createFeedRunner({ context: feedContext, inFlight, probeMs, openSource: upstream });
    return {
      runner,
      parked: () => parking.places,
      release: (key, options) => releaseKey(feedContext, key, options),
      unparkEmptied: (signal) => unparkEmptied(feedContext, signal),
      outlet: createOutlet(feedContext),
      keeper: definition.arrival.kind === 'webhook' ? openRegistration(feed, definition.arrival, context) : undefined,
    };
  });
  return Promise.all(opened);
}

/** Twins share what they remember. */
function fanOutOf({ twins: word }: FeedDefinition, fanOut: FanOut, known: Map<string, TwinMemory>): FanOut {
  if (word === undefined) return fanOut;
  const memory = known.get(word) ?? createTwinMemory();
  known.set(word, memory);
  return holdingBack(fanOut, memory);
}

/** The feeds of a pipeline that is spooled no more of which the spool still has something. */
async function leftInSpool(pipeline: PipelineDefinition, { state, hasSpool = () => false }: PipelineContext) {
  if (pipeline.ack === 'spool' || !hasSpool()) return new Set<FeedName>();
  const { feeds } = await state.spool.state();
  return new Set(feeds.filter(({ records }) => records > 0).map(({ feed }) => feed));
}

interface SourceContext extends PipelineContext {
  readonly clientFor: (endpoint: Endpoint) => HttpClient;
  /** Of `bridgeEvents`; absent: the log alone tells. */
  readonly told: Publisher | undefined;
  /** Rings when a request was answered. */
  readonly bell: Bell;
}

/** Answers belong to the requests of another feed. */
function correlateAnswers({ name, feeds }: PipelineDefinition, { arrival }: FeedDefinition, { requests }: State) {
  const taker = arrival.kind === 'answers' ? feeds.find((feed) => feed.name === arrival.of) : undefined;
  return taker?.jobs && correlateStep(`${name}/${taker.name}`, taker.jobs, requests);
}

/** Opens its source whenever it is called; what is sent to has one for all times. */
async function sourceOf(
  feed: FeedName,
  { arrival, source }: FeedDefinition,
  client: HttpClient,
  context: SourceContext,
): Promise<() => Source> {
  const { report, state, timing } = context;
  switch (arrival.kind) {
    case 'poll': {
      const { protocol, schedule } = arrival;
      const { cursors } = state;
      return () => createPollSource({ feed, client, protocol, schedule, cursors, report, timing: timing.poll });
    }
    case 'mailbox':
      return openMailbox(feed, arrival, { ...context, timing: timing.mailbox });
    case 'webhook': {
      const source = await openWebhook(feed, arrival, context);
      return () => source;
    }
    case 'sse':
      return openStream(feed, source, arrival, context.clientFor, context.told, context);
    case 'answers': {
      const { bell } = context;
      const [pipeline = ''] = feed.split('/');
      return () =>
        createAnswersSource({ feed, of: `${pipeline}/${arrival.of}`, requests: state.requests, bell, report });
    }
  }
}

/** Feeds of one endpoint share its connections and its token. */
function clientPerEndpoint(subject: string, { proxy, report, resources }: PipelineContext) {
  const clients = new Map<Endpoint, HttpClient & ContentClient>();
  return (endpoint: Endpoint) => {
    let client = clients.get(endpoint);
    if (!client) {
      client = resources.use(createHttpClient(endpoint, { proxy, subject, report }));
      clients.set(endpoint, client);
    }
    return client;
  };
}
