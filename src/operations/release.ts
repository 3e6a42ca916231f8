import type { PipelineDefinition } from '../config/configuration.ts';
import type { Archive } from '../core/archive.ts';
import type { FeedName } from '../core/batch.ts';
import { BridgeError, type ErrorCode, toBridgeError } from '../core/errors.ts';
import type { ParkedKey, State } from '../core/state.ts';
import type { ProxySettings } from '../http/channel.ts';
import { type OpenedFeed, openPipeline } from '../open-pipeline.ts';
import type { Report } from '../telemetry/events.ts';
import { daemonTiming } from '../timing.ts';

/** After this long no other event is begun, so that whoever waits hears of it. Milliseconds. */
const releaseMs = 20_000;
/** How long the last one may take. */
const confirmMs = 40_000;

export interface ParkedKeyView {
  readonly feed: FeedName;
  readonly key: string;
  /** Its name, where the destination is one of several; null where it is the only one, or is no more. */
  readonly destination: string | null;
  /** Events that are parked. */
  readonly count: number;
  /** When the first of them was set aside; null where none is stored yet. */
  readonly since: Date | null;
}

export interface ReleasedKey {
  /** Events that were published by this call, or that the present configuration leaves out. */
  readonly released: number;
  readonly outcome: 'released' | 'refused' | 'more';
  /** The dead letter that is refused again. */
  readonly refused?: { readonly id: string; readonly code: ErrorCode; readonly reason: string };
}

function nameOfView({ feed, key, destination }: Pick<ParkedKeyView, 'feed' | 'key' | 'destination'>): string {
  return JSON.stringify([feed, key, destination]);
}

/** `opened`: the running feeds. A key of theirs is parked before what is parked there is stored. */
export function parkedKeyViews(
  keys: readonly ParkedKey[],
  pipelines: readonly PipelineDefinition[],
  opened: ReadonlyMap<FeedName, OpenedFeed> = new Map(),
): readonly ParkedKeyView[] {
  const named = new Map(pipelines.flatMap(({ to }) => to).map(({ identity, name }) => [identity, name]));
  const nameOf = (identity: string) => named.get(identity) ?? null;
  const stored = keys.map(({ destination, ...rest }) => ({ ...rest, destination: nameOf(destination) }));
  const emptied = [...opened].flatMap(([feed, { parked }]) =>
    parked()
      .map(({ key, destination }) => ({ feed, key, count: 0, since: null, destination: nameOf(destination) }))
      .filter((one) => !stored.some((other) => nameOfView(other) === nameOfView(one))),
  );
  return [...stored, ...emptied];
}

export interface ReleaseContext {
  readonly state: State;
  readonly archive: Archive;
  readonly proxy: ProxySettings;
  readonly report: Report;
  readonly baseDir: string;
  readonly pipeline: PipelineDefinition;
  /** The running feed. Absent: none runs, and the destinations are opened for this. */
  readonly opened: OpenedFeed | undefined;
}

/** As `releaseKey` of the pipeline, for a while; rejects with BROKER_TIMEOUT when an event is not confirmed in time. */
export async function releaseParkedKey(
  feed: FeedName,
  options: {
    readonly key: string;
    readonly reason: string;
    readonly to?: string | undefined;
    readonly signal: AbortSignal;
  },
  context: ReleaseContext,
): Promise<ReleasedKey> {
  const { key, reason, to, signal } = options;
  await using resources = new AsyncDisposableStack();
  const opened = context.opened ?? (await openAlone(feed, context, resources));
  const late = AbortSignal.timeout(releaseMs + confirmMs);
  try {
    const release = { reason, to, withinMs: releaseMs, signal: AbortSignal.any([signal, late]) };
    const { released, outcome, refused } = await opened.release(key, release);
    if (!refused) return { released, outcome };
    return { released, outcome, refused: { id: refused.id, code: refused.error.code, reason: refused.error.message } };
  } catch (thrown) {
    const error = toBridgeError(thrown);
    if (signal.aborted || error.code !== 'STOPPING') throw error;
    throw new BridgeError('BROKER_TIMEOUT', `an event of ${feed} is not confirmed within ${confirmMs / 1_000} s`, {
      cause: error,
      hint: 'The key stays parked, and what was published before stays so. Try again when the destination is back.',
    });
  }
}

async function openAlone(feed: FeedName, context: ReleaseContext, resources: AsyncDisposableStack) {
  const feeds = await openPipeline(context.pipeline, { ...context, resources, timing: daemonTiming });
  const opened = feeds.find(({ runner }) => runner.feed === feed);
  if (!opened) throw new BridgeError('INTERNAL', `${feed} was not opened`);
  return opened;
}
