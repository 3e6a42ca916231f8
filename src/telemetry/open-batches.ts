import type { TelemetryEvent } from './events.ts';

/** A batch that upstream has given out and not yet got an answer about. */
export interface OpenBatch {
  readonly batchId: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly confirmed: boolean;
}

function firstOf(open: readonly OpenBatch[], batchId: string, confirmed?: boolean): number {
  return open.findIndex(
    (batch) => batch.batchId === batchId && (confirmed === undefined || batch.confirmed === confirmed),
  );
}

/** The open batches of a feed after an event of it, oldest first. Without ids (""), the oldest is the one meant. */
export function recordOpenBatch(open: readonly OpenBatch[], event: TelemetryEvent, now: number): readonly OpenBatch[] {
  switch (event.event) {
    case 'batch.fetched':
      // Handed out again after a halt or a failed ack: it is the same one, and as old as it was.
      if (event.batchId !== '' && firstOf(open, event.batchId) !== -1) return open;
      return [...open, { batchId: event.batchId, since: now, confirmed: false }];
    case 'feed.idle':
      return open.length === 0 ? open : [];
    case 'batch.recognised':
    case 'batch.confirmed': {
      const at = firstOf(open, event.batchId, false);
      return open.map((batch, index) => (index === at ? { ...batch, confirmed: true } : batch));
    }
    case 'batch.completed':
    case 'batch.returned':
    case 'feed.foreign-complete': {
      const at = firstOf(open, event.batchId);
      return at === -1 ? open : open.toSpliced(at, 1);
    }
    default:
      return open;
  }
}
