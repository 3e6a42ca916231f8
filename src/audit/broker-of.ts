import type { DestinationDefinition } from '../config/configuration.ts';
import type { EventReceipt } from '../core/archive.ts';

/**
 * At which of a pipeline's brokers a receipt was given, by the name that the destination had then; undefined where the
 * configuration does not say any more.
 */
export function brokerOf(
  to: readonly Pick<DestinationDefinition, 'name' | 'brokerName'>[],
  receipt: Pick<EventReceipt, 'to'>,
): string | undefined {
  const names = [...new Set(to.map(({ brokerName }) => brokerName))];
  const named = receipt.to;
  if (named === undefined) return names.length === 1 ? names[0] : undefined;
  // `kafka`, or `kafka (to[1])` where it had several destinations.
  return names.find((name) => named === name || named.startsWith(`${name} (to[`));
}
