import type { FeedDefinition } from '../core/connector.ts';
import { type ConfigNode, pointAt } from './node.ts';
import type { Refuse } from './problem.ts';

/** What has to have happened before upstream is told that a batch is done. */
export const ackChoices = ['broker', 'spool'] as const;
export type AckPoint = (typeof ackChoices)[number];

/** A spool that is smaller could refuse a single batch for ever. */
export const smallestSpoolBytes = 1024 ** 2;

/** What the frame refuses is not judged again here. Unsaid, what cannot wait for the broker is spooled. */
export function readAck(node: ConfigNode | undefined, feeds: readonly FeedDefinition[] = []): AckPoint {
  if (node === undefined) return feeds.some((feed) => hurry(feed)) ? 'spool' : 'broker';
  return node.kind === 'scalar' && node.value === 'spool' ? 'spool' : 'broker';
}

interface Hurry {
  readonly because: string;
  readonly hint: string;
}

const stream: Hurry = {
  because: 'reads a stream, whose upstream keeps nothing: what comes goes to the spool at once.',
  hint: 'Remove `ack: broker`.',
};

const download: Hurry = {
  because:
    'fetches contents (download), which takes longer than a sender waits: it cannot be acknowledged by the broker.',
  hint: 'Remove `ack: broker`: download implies `ack: spool`, and webhooks are answered once they are fsynced.',
};

/** Why a feed cannot wait for the broker; undefined: it can. */
function hurry({ arrival, downloads }: FeedDefinition): Hurry | undefined {
  if (arrival.kind === 'sse') return stream;
  return downloads === undefined ? undefined : download;
}

/** Says why a pipeline that is to wait for the broker cannot. */
export function refuseWaiting(
  node: ConfigNode,
  pipeline: string,
  feeds: readonly FeedDefinition[],
  refuse: Refuse,
): void {
  const [first] = feeds.flatMap((feed) => hurry(feed) ?? []);
  if (first === undefined) return;
  const { because, hint } = first;
  refuse({ at: pointAt(node), code: 'CONFIG_INVALID', message: `${pipeline} ${because}`, hint });
}

/** Says why the feeds of a pipeline cannot be spooled, or need not be. */
export function refuseAck(node: ConfigNode, pipeline: string, feeds: readonly FeedDefinition[], refuse: Refuse): void {
  const byCursor = feeds
    .filter(({ arrival }) => arrival.kind === 'poll' && arrival.protocol.complete === undefined)
    .map(({ name }) => name);
  if (byCursor.length === 0) return;
  refuse({
    at: pointAt(node),
    code: 'CONFIG_INVALID',
    message: `${pipeline} cannot be acknowledged from the spool: ${byCursor.join(', ')} is read by cursor, and its upstream keeps what was read: nothing waits for an answer.`,
    hint: 'Remove `ack: spool`: the cursor moves on once the broker has confirmed.',
  });
}

/** Says why a spool is too small for pipelines that are acknowledged from it. */
export function refuseSmallSpool(
  node: ConfigNode,
  maxBytes: number,
  pipelines: readonly {
    readonly name: string;
    readonly ack: AckPoint;
    readonly upstream: { readonly feeds: readonly FeedDefinition[] } | undefined;
  }[],
  refuse: Refuse,
): void {
  const needed = pipelines
    .filter(({ ack }) => ack === 'spool')
    .map(({ name, upstream }) => ({ name, bytes: Math.max(smallestSpoolBytes, ...(upstream?.feeds ?? []).map(room)) }));
  const short = needed.filter(({ bytes }) => maxBytes < bytes);
  if (short.length === 0) return;
  const names = short.map(({ name }) => name).join(', ');
  refuse({
    at: pointAt(node),
    code: 'CONFIG_INVALID',
    message: `state.spool.maxBytes is ${maxBytes} bytes: one batch of ${names}, acknowledged from the spool, may not fit.`,
    hint: `Give it ${Math.ceil(Math.max(...short.map(({ bytes }) => bytes)) / 1024 ** 2)}MiB at least.`,
  });
}

/** So that the largest event of a stream fits, with what is kept beside it. */
function room({ arrival }: FeedDefinition): number {
  return arrival.kind === 'sse' && arrival.maxEventBytes > smallestSpoolBytes ? 2 * arrival.maxEventBytes : 0;
}
