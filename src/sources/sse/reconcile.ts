import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { HttpClient } from '../../core/http.ts';
import { type RawRecord, receivedMark } from '../../core/record.ts';
import type { Reconcile, StreamGap } from '../../core/stream.ts';
import { backoffMs, upstreamBackoff, wait } from '../../pipeline/backoff.ts';
import type { Report } from '../../telemetry/events.ts';
import type { SseFeed } from './sse-feed.ts';

export interface ReconcileOptions {
  readonly feed: SseFeed['feed'];
  readonly reconcile: Reconcile;
  readonly client: Pick<HttpClient, 'send'>;
  readonly mediaType: string;
  readonly report: Report;
}

/**
 * Asks the upstream what has happened in a gap. Tries again what may work later, for `withinMs`; undefined: it could not be
 * found out.
 */
export async function recordsOfGap(
  gap: StreamGap,
  { feed, reconcile, client, mediaType, report }: ReconcileOptions,
  stop: AbortSignal,
): Promise<readonly RawRecord[] | undefined> {
  const late = AbortSignal.timeout(reconcile.withinMs);
  const signal = AbortSignal.any([stop, late]);
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await client.send(reconcile.request(gap), signal);
      const { receivedAt } = response;
      const headers = { [receivedMark]: receivedAt.toISOString() };
      return reconcile.read(response).map((bytes) => ({ bytes, mediaType, headers, receivedAt }));
    } catch (thrown) {
      if (stop.aborted) return undefined;
      const error = late.aborted ? tooLate(reconcile.withinMs) : toBridgeError(thrown);
      const delayMs = backoffMs(upstreamBackoff, attempt);
      report({ event: 'attempt.failed', subject: feed, activity: 'reconcile', error, attempt, delayMs });
      if (late.aborted || error.disposition === 'fatal') return undefined;
      await wait(delayMs, signal).catch(() => {});
    }
  }
}

function tooLate(withinMs: number): BridgeError {
  return new BridgeError('UPSTREAM_TIMEOUT', `what happened in the gap could not be found out within ${withinMs} ms`);
}
