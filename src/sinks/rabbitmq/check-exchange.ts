import type { ExchangeFacts } from './management-facts.ts';
import type { Topology } from './topology-settings.ts';
import type { Weakness } from './weakness.ts';

/** What could lose events that this exchange gets, or keep the bridge from noticing. */
export function* checkExchange(
  { type, durable, alternate, queues }: ExchangeFacts,
  topology: Topology | undefined,
): Generator<Weakness> {
  const declared = topology?.mode === 'declare' ? topology : undefined;
  if (declared && (type !== declared.type || !durable)) {
    yield {
      severity: 'error',
      code: 'DESTINATION_MISMATCH',
      message: `is there as ${type}${durable ? '' : ', not durable'}, and topology wants ${declared.type}, durable`,
      hint: 'Set topology.type as it is, or delete the exchange and have it created anew.',
    };
  } else if (!durable) {
    yield {
      severity: 'warning',
      code: 'DESTINATION_UNSAFE',
      message: 'does not survive a restart of the broker (not durable): the feed then halts',
      hint: 'Create it anew as durable.',
    };
  }
  if (alternate !== undefined) {
    yield {
      severity: 'warning',
      code: 'DESTINATION_UNSAFE',
      message: `gives what none of its queues wants to the alternate exchange ${alternate}: the bridge is told that it is confirmed, and does not notice a routing key that nobody has bound`,
      hint: `See to it that a durable queue takes everything from ${alternate}, and that somebody watches it; or remove the alternate exchange.`,
    };
  } else if (queues.length === 0 && declared?.queue === undefined) {
    yield {
      severity: 'error',
      code: 'DESTINATION_UNBOUND',
      message: 'has no queue bound to it: the first event halts the feed',
      hint: 'Bind a queue to it.',
    };
  }
}
