import type { TelemetryEvent } from './events.ts';

/** A batch that upstream has given out and not yet got an answer about. */
export interface OpenBatch {
  readonly batchId: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  confirmed: boolean;
}

function firstOf(open: readonly OpenBatch[], batchId: string, confirmed?: boolean): number {
  return open.findIndex(
    (batch) => batch.batchId === batchId && (confirmed === undefined || batch.confirmed === confirmed),
  );
}

/**
 * Keeps the open batches of a feed, oldest first, up to date with an event of it. Without ids (""), the oldest is the one
 * meant. In place: there can be hundreds, and events come with each.
 */
export function recordOpenBatch(open: OpenBatch[], event: TelemetryEvent, now: number): void {
  switch (event.event) {
    case 'batch.fetched':
      // Handed out again after a halt or a failed ack: it is the same one, and as old as it was.
      if (event.batchId !== '' && firstOf(open, event.batchId) !== -1) return;
      open.push({ batchId: event.batchId, since: now, confirmed: false });
      return;
    case 'feed.idle':
      open.length = 0;
      return;
    case 'batch.recognised':
    case 'batch.confirmed': {
      const batch = open[firstOf(open, event.batchId, false)];
      if (batch) batch.confirmed = true;
      return;
    }
    case 'batch.completed':
    case 'batch.returned':
    case 'feed.foreign-complete': {
      const at = firstOf(open, event.batchId);
      if (at !== -1) open.splice(at, 1);
    }
  }
}
