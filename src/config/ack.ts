import type { FeedDefinition } from '../core/connector.ts';
import { type ConfigNode, pointAt } from './node.ts';
import type { Refuse } from './problem.ts';

/** What has to have happened before upstream is told that a batch is done. */
export const ackChoices = ['broker', 'spool'] as const;
export type AckPoint = (typeof ackChoices)[number];

/** A spool that is smaller could refuse a single batch for ever. */
export const smallestSpoolBytes = 1024 ** 2;

/** What the frame refuses is not judged again here. Unsaid, feeds that fetch contents are spooled. */
export function readAck(node: ConfigNode | undefined, feeds: readonly FeedDefinition[]): AckPoint {
  if (node === undefined) return fetching(feeds).length > 0 ? 'spool' : 'broker';
  return node.kind === 'scalar' && node.value === 'spool' ? 'spool' : 'broker';
}

function fetching(feeds: readonly FeedDefinition[]): readonly FeedDefinition[] {
  return feeds.filter(({ downloads }) => downloads !== undefined);
}

/** Says why the answers to the webhooks of a pipeline cannot wait for the broker. */
export function refuseWaiting(
  node: ConfigNode,
  pipeline: string,
  feeds: readonly FeedDefinition[],
  refuse: Refuse,
): void {
  if (fetching(feeds).length === 0) return;
  refuse({
    at: pointAt(node),
    code: 'CONFIG_INVALID',
    message: `${pipeline} fetches contents (download), which takes longer than a sender waits: it cannot be acknowledged by the broker.`,
    hint: 'Remove `ack: broker`: download implies `ack: spool`, and webhooks are answered once they are fsynced.',
  });
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
  pipelines: readonly { readonly name: string; readonly ack: AckPoint }[],
  refuse: Refuse,
): void {
  const spooled = pipelines.filter(({ ack }) => ack === 'spool').map(({ name }) => name);
  if (spooled.length === 0 || maxBytes >= smallestSpoolBytes) return;
  refuse({
    at: pointAt(node),
    code: 'CONFIG_INVALID',
    message: `state.spool.maxBytes is ${maxBytes} bytes: one batch of ${spooled.join(', ')}, acknowledged from the spool, may not fit.`,
    hint: 'Give it 1MiB at least.',
  });
}
