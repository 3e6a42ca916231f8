import type { EventReceipt } from '../core/archive.ts';
import type { NormalisedEvent } from './normalise.ts';
import type { Settlement } from './publisher.ts';

/** Where the confirmed ones of some events are. `settlements`: one for each event. `to`: as of EventReceipt. */
export function receiptsOf(
  events: readonly NormalisedEvent[],
  settlements: readonly Settlement[],
  to?: string,
): readonly EventReceipt[] {
  const receipts: EventReceipt[] = [];
  settlements.forEach((settlement, at) => {
    const event = events[at];
    if (settlement.status !== 'confirmed' || !event) return;
    const { id, source, correlationid: correlationId } = event.envelope.attributes;
    const { destination, receipt } = settlement;
    receipts.push({ id, source, correlationId, destination, ...(to !== undefined && { to }), receipt });
  });
  return receipts;
}
