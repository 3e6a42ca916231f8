import type { Arrival, FeedDefinition } from '../core/connector.ts';
import type { DestinationDefinition } from './configuration.ts';
import { type ConfigNode, type Position, pointAt } from './node.ts';
import type { Refuse } from './problem.ts';

/** What a pipeline promises of how often an event is published. */
export type DeliveryPromise = 'at-least-once' | 'exactly-once';

/** What the frame refuses is not judged again here. */
export function readDelivery(node: ConfigNode | undefined): DeliveryPromise {
  return node?.kind === 'scalar' && node.value === 'exactly-once' ? 'exactly-once' : 'at-least-once';
}

function ackOrderOf({ kind }: Arrival): 'in-order' | 'independent' {
  switch (kind) {
    case 'poll':
    case 'sse':
    case 'mailbox':
    case 'answers':
      return 'in-order';
    case 'webhook':
      return 'independent';
  }
}

/** Says why a pipeline cannot have exactly-once. `feeds`: those that are not spooled, since the spool keeps order. */
export function refuseDelivery(
  node: ConfigNode,
  pipeline: string,
  feeds: readonly FeedDefinition[],
  to: readonly DestinationDefinition[],
  refuse: Refuse,
): void {
  const at: Position = pointAt(node);
  const [only] = to;
  const unordered = feeds.filter(({ arrival }) => ackOrderOf(arrival) === 'independent').map(({ name }) => name);
  if (unordered.length > 0) {
    refuse({
      at,
      code: 'CONFIG_INVALID',
      message: `${pipeline} cannot be exactly-once: ${unordered.join(', ')} acknowledges in any order, and a mark says only up to where all is published.`,
      hint: 'Add `ack: spool`, from where it is in order; or remove `delivery: exactly-once`: consumers de-duplicate by source and id.',
    });
  }
  if (to.length > 1 || only === undefined) {
    refuse({
      at,
      code: 'CONFIG_INVALID',
      message: `${pipeline} cannot be exactly-once: it has ${to.length} destinations, and no transaction spans two.`,
      hint: 'Keep one destination, and make a pipeline of its own for each other one; or remove `delivery: exactly-once`.',
    });
    return;
  }
  const refusal = only.sinkType.refuseExactlyOnce(only.broker, only.destination);
  if (refusal === undefined) return;
  const { message, hint } = refusal;
  refuse({ at, code: 'CONFIG_INVALID', message: `${pipeline} cannot be exactly-once. ${message}`, hint });
}
