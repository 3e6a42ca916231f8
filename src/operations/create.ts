import type { Configuration, PipelineDefinition } from '../config/configuration.ts';
import type { Archive } from '../core/archive.ts';
import type { FeedName } from '../core/batch.ts';
import type { FeedDefinition } from '../core/connector.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { ReloadReport } from '../core/reload-report.ts';
import type { State } from '../core/state.ts';
import type { ProxySettings } from '../http/channel.ts';
import { openOutlet } from '../open-outlet.ts';
import type { OpenedFeed } from '../open-pipeline.ts';
import { type BackoffPolicy, brokerBackoff, upstreamBackoff } from '../pipeline/backoff.ts';
import type { Registered } from '../registration/registrar.ts';
import type { Report } from '../telemetry/events.ts';
import { copyDeadLetter, copyMs } from './copy-dead-letter.ts';
import { discardAll, discardOf } from './discard.ts';
import { discardLetters } from './discard-letters.ts';
import type { FeedControl } from './feed-control.ts';
import { createFeedTurns, type FeedTurns } from './feed-turns.ts';
import type { Operations } from './operations.ts';
import { pollArrivalOf } from './poll-arrival.ts';
import { type Redriven, type RedriveOptions, redriveLetter, redriveMs } from './redrive.ts';
import { actOnRegistration } from './register.ts';
import { parkedKeyViews, releaseParkedKey } from './release.ts';
import { setBatchAside } from './set-aside.ts';
import { findUnreceipted } from './unreceipted.ts';
import { findOpenBatch, type Upstream, withUpstream } from './upstream-call.ts';
import { whileHeld } from './while-held.ts';

export interface OperationsOptions {
  /** Asked anew for each act: a daemon may have reloaded it. */
  readonly configuration: Configuration;
  readonly state: State;
  readonly archive: Archive;
  /** Steers the running feeds. Absent: no daemon runs on this state. */
  readonly control?: FeedControl;
  /** The running feeds, with their connections. Absent: as `control`. */
  readonly openedFeeds?: ReadonlyMap<FeedName, OpenedFeed>;
  /** Whoever else acts on feeds takes turns here. Default: nobody else does. */
  readonly turns?: FeedTurns;
  /** Absent: as `control`. */
  readonly reload?: () => Promise<ReloadReport>;
  readonly proxy: ProxySettings;
  readonly report: Report;
  /** Between tries of a request. Default: as for every upstream. */
  readonly backoff?: BackoffPolicy;
  /** Milliseconds until the copy of what is set aside must be confirmed. Default: a minute. */
  readonly copyMs?: number;
  /** Milliseconds until what is redriven must be confirmed. Default: a minute. */
  readonly redriveMs?: number;
  /** Ends what is under way with STOPPING. Default: never. */
  readonly signal?: AbortSignal;
}

/** How long the answer to a discard may wait for keys to be let go. */
const unparkMs = 10_000;

/** Waits for a while, and no longer: a key that is still parked then is let go later, or can be released. */
async function soon(work: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, unparkMs);
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}

interface KnownFeed {
  readonly definition: FeedDefinition;
  readonly pipeline: PipelineDefinition;
}

function knownFeeds({ pipelines }: Configuration): ReadonlyMap<FeedName, KnownFeed> {
  const named = pipelines.flatMap((pipeline) =>
    pipeline.feeds.map((definition): [FeedName, KnownFeed] => [
      `${pipeline.name}/${definition.name}`,
      { definition, pipeline },
    ]),
  );
  return new Map(named);
}

/** What an operator can do on an opened state, with a running daemon or without one. */
export function createOperations(options: OperationsOptions): Operations {
  const { state, archive, control, proxy, report } = options;
  const { backoff = upstreamBackoff, signal = new AbortController().signal } = options;
  const inTurn = options.turns ?? createFeedTurns();

  function knownFeed(feed: FeedName): KnownFeed {
    const known = knownFeeds(options.configuration);
    const found = known.get(feed);
    if (found !== undefined) return found;
    throw new BridgeError('FEED_UNKNOWN', `there is no feed "${feed}"`, {
      hint: `There are: ${[...known.keys()].join(', ')}.`,
    });
  }

  function copy(feed: FeedName) {
    const { baseDir } = options.configuration;
    const context = { proxy, report, baseDir, signal, withinMs: options.copyMs ?? copyMs };
    return (letter: DeadLetter) => copyDeadLetter(letter, knownFeed(feed).pipeline, context);
  }

  async function upstreamOf<T>(feed: FeedName, act: (upstream: Upstream) => Promise<T>): Promise<T> {
    const { definition } = knownFeed(feed);
    const position = await state.cursors.get(feed);
    return withUpstream({ feed, definition, position, proxy, report, backoff, signal }, act);
  }

  async function letterOf(id: string): Promise<DeadLetter> {
    const letter = await state.deadLetters.get(id);
    if (letter !== undefined) return letter;
    throw new BridgeError('NOT_FOUND', `there is no dead letter ${id}`, {
      hint: 'List them with: feedferry dead-letters list',
    });
  }

  async function redrive(id: string, redriving: RedriveOptions): Promise<Redriven> {
    await using resources = new AsyncDisposableStack();
    const letter = await letterOf(id);
    const { pipeline, definition } = knownFeed(letter.feed);
    const { baseDir } = options.configuration;
    const { requests } = state;
    const opening = { proxy, report, baseDir, resources, backoff: brokerBackoff, requests };
    const result = await redriveLetter(letter, redriving, {
      state,
      archive,
      pipeline,
      definition,
      outlet: async () =>
        options.openedFeeds?.get(letter.feed)?.outlet ?? (await openOutlet(pipeline, definition, opening)),
      signal,
      withinMs: options.redriveMs ?? redriveMs,
    });
    if (!redriving.dryRun) acted('redrive', letter.feed, result.outcome);
    return result;
  }

  async function record(action: string, feed: FeedName, reason: string, detail: unknown): Promise<void> {
    await state.audit.append({ at: new Date(), action, feed, reason, detail });
  }

  const acted = (action: string, feed: FeedName, reason: string) =>
    report({ event: 'operator.acted', action, feed, reason });

  /** What is kept of a feed's pause survives a restart; the record is made before anything changes. */
  async function setPaused(feed: FeedName, paused: boolean, reason: string): Promise<void> {
    knownFeed(feed);
    const action = paused ? 'pause' : 'resume';
    await record(action, feed, reason, {});
    await state.pauses.set(feed, paused);
    await (paused ? control?.pause(feed) : control?.resume(feed));
    acted(action, feed, reason);
  }

  /** The record is made before the upstream is asked: what is done there cannot be taken back. */
  function setRegistered(feed: FeedName, act: 'register' | 'unregister', reason: string): Promise<Registered> {
    return inTurn(feed, async () => {
      const { definition } = knownFeed(feed);
      const { publicUrl } = options.configuration;
      const keeper = options.openedFeeds?.get(feed)?.keeper;
      await record(act, feed, reason, {});
      const registered = await actOnRegistration(feed, act, {
        state,
        definition,
        publicUrl,
        keeper,
        proxy,
        report,
        signal,
      });
      acted(act, feed, reason);
      return registered;
    });
  }

  return {
    async feedState(feed) {
      knownFeed(feed);
      if (control !== undefined) return control.state(feed);
      return (await state.pauses.list()).includes(feed) ? 'paused' : 'running';
    },
    pause: (feed, reason) => inTurn(feed, () => setPaused(feed, true, reason)),
    resume: (feed, reason) => inTurn(feed, () => setPaused(feed, false, reason)),
    peek: (feed) =>
      upstreamOf(feed, async (upstream) => {
        const found = await findOpenBatch(upstream);
        return found && { batchId: found.batchId, body: found.response.body };
      }),
    setAside: (feed, setAside) =>
      inTurn(feed, () =>
        upstreamOf(feed, (upstream) =>
          whileHeld(control, feed, async () => {
            const result = await setBatchAside(upstream, state.deadLetters, copy(feed), setAside);
            await record('set-aside', feed, setAside.reason, result);
            acted('set-aside', feed, setAside.reason);
            return result;
          }),
        ),
      ),
    discard: (feed, { reason }) =>
      inTurn(feed, () =>
        upstreamOf(feed, (upstream) => {
          discardOf(upstream);
          return whileHeld(control, feed, async () => {
            // What is dropped upstream never comes back: the record of it must not depend on what happens afterwards.
            await record('discard', feed, reason, { outcome: 'begun' });
            try {
              const result = await discardAll(upstream);
              await record('discard', feed, reason, { outcome: 'verified', ...result });
              return result;
            } catch (error) {
              await record('discard', feed, reason, { outcome: 'failed', code: toBridgeError(error).code });
              throw error;
            } finally {
              acted('discard', feed, reason);
            }
          });
        }),
      ),
    deadLetters: (filter) => state.deadLetters.list(filter),
    deadLetter: letterOf,
    async redrive(id, redriving) {
      const { feed } = await letterOf(id);
      return inTurn(feed, () => redrive(id, redriving));
    },
    async discardDeadLetters(ids, { reason }) {
      const { discarded, feeds } = await discardLetters(ids, reason, state);
      for (const feed of feeds) {
        const opened = options.openedFeeds?.get(feed);
        if (opened !== undefined) await soon(inTurn(feed, () => opened.unparkEmptied(signal)));
      }
      return discarded;
    },
    deadLetterCounts: () => state.deadLetters.counts(),
    ledger: (filter) => state.ledger.list(filter),
    rawBatches: (query) => archive.raw.range(query),
    trace: (text, limit) => archive.receipts.trace(text, limit),
    receipts: (query) => archive.receipts.range(query),
    unreceipted: (query) => findUnreceipted(query, { state, archive }),
    async recordReplay(feed, { reason, detail }) {
      knownFeed(feed);
      await record('replay', feed, reason, detail);
      acted('replay', feed, reason);
    },
    spool: () => state.spool.state(),
    async parkedKeys() {
      const keys = await state.deadLetters.parkedKeys();
      return parkedKeyViews(keys, options.configuration.pipelines, options.openedFeeds);
    },
    releaseKey: (feed, { key, reason, to }) =>
      inTurn(feed, async () => {
        const { pipeline } = knownFeed(feed);
        const { baseDir } = options.configuration;
        const context = { state, archive, proxy, report, baseDir, pipeline, opened: options.openedFeeds?.get(feed) };
        await record('release', feed, reason, { key, ...(to !== undefined && { to }) });
        const result = await releaseParkedKey(feed, { key, reason, to, signal }, context);
        acted('release', feed, reason);
        return result;
      }),
    register: (feed, reason) => setRegistered(feed, 'register', reason),
    unregister: (feed, reason) => setRegistered(feed, 'unregister', reason),
    async reload() {
      if (options.reload !== undefined) return options.reload();
      throw new BridgeError('NOT_RUNNING', 'no daemon runs on this state: there is nothing to reload');
    },
    cursors: () => state.cursors.list(),
    setCursor: (feed, position, reason) =>
      inTurn(feed, async () => {
        const { protocol } = pollArrivalOf(feed, knownFeed(feed).definition);
        if (protocol.complete !== undefined) {
          throw new BridgeError('FEED_NOT_CAPABLE', `${feed} has no cursor: its upstream is told of each batch`);
        }
        await whileHeld(control, feed, async () => {
          const before = await state.cursors.get(feed);
          await record('cursor set', feed, reason, { before: before ?? null, after: position });
          await state.cursors.set(feed, position);
          acted('cursor set', feed, reason);
        });
      }),
  };
}
