import type { EventReceipt } from '../core/archive.ts';
import type { NormalisedEvent } from './normalise.ts';
import type { Settlement } from './publisher.ts';

/** Where the confirmed ones of some events are. `settlements`: one for each event. */
export function receiptsOf(
  events: readonly NormalisedEvent[],
  settlements: readonly Settlement[],
): readonly EventReceipt[] {
  const receipts: EventReceipt[] = [];
  settlements.forEach((settlement, at) => {
    const event = events[at];
    if (settlement.status !== 'confirmed' || !event) return;
    const { id, correlationid: correlationId } = event.envelope.attributes;
    receipts.push({ id, correlationId, destination: settlement.destination, receipt: settlement.receipt });
  });
  return receipts;
}
