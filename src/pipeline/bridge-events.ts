import type { FeedName } from '../core/batch.ts';
import { bridgeEventEnvelope } from '../core/bridge-event.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { BridgeEvent, Requests } from '../core/requests.ts';
import type { Report, TelemetryEvent } from '../telemetry/events.ts';
import { type BackoffPolicy, brokerBackoff, politeBackoffMs, wait } from './backoff.ts';
import type { Publisher } from './publisher.ts';

/** How many are said, or found stalled, at once. */
const atOnce = 100;

/** What is being said when the bridge stops is said to its end, for so long: else it would be said again after the start. */
const graceMs = 5_000;

export interface TellerOptions {
  readonly feed: FeedName;
  readonly requests: Pick<Requests, 'stall' | 'unsaid' | 'said'>;
  /** Where they go; absent: to the log alone. */
  readonly publisher?: Publisher | undefined;
  readonly report: Report;
  /** Between two looks for what is stalled. */
  readonly lookMs: number;
  /** Between tries that failed. Default: as for brokers. */
  readonly backoff?: BackoffPolicy | undefined;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
}

/** Says what has to be said of a feed, each at least once, also what was left unsaid when the bridge stopped. */
export interface Teller extends AsyncDisposable {
  /** There is something to say. */
  wake(): void;
}

/** What the log says of it. */
function toldOf({ feed, kind, facts }: BridgeEvent): TelemetryEvent {
  if (kind !== 'gap') return { event: 'request.changed', feed, kind, facts };
  const { from = '', to = '', reason = '', reconciled } = facts;
  return { event: 'feed.gap', feed, from, to, reason, reconciled: reconciled === 'true' };
}

export function startTeller({
  feed,
  requests,
  publisher,
  report,
  lookMs,
  now = Date.now,
  ...options
}: TellerOptions): Teller {
  const { backoff = brokerBackoff } = options;
  const stopping = new AbortController();
  const givingUp = new AbortController();
  let nap = new AbortController();
  let woken = false;

  async function publish(events: readonly BridgeEvent[]): Promise<void> {
    if (publisher === undefined) return;
    const settlements = await publisher.publish(events.map(bridgeEventEnvelope), feed, givingUp.signal);
    events.forEach(({ id }, at) => {
      const settlement = settlements[at];
      if (settlement?.status === 'poison') report({ event: 'bridge-event.refused', feed, id, error: settlement.error });
      else if (settlement?.status !== 'confirmed') throw new BridgeError('INTERNAL', `bridge event ${id} has no end`);
    });
  }

  async function sayAll(): Promise<void> {
    for (;;) {
      const events = await requests.unsaid(feed, atOnce);
      if (events.length === 0 || stopping.signal.aborted) return;
      await publish(events);
      await requests.said(events.map(({ id }) => id));
      for (const event of events) report(toldOf(event));
    }
  }

  async function work(): Promise<void> {
    while ((await requests.stall(feed, new Date(now()), atOnce)) === atOnce);
    await sayAll();
  }

  async function keepOn(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      woken = false;
      nap = new AbortController();
      let delayMs = lookMs;
      try {
        await work();
        failures = 0;
      } catch (thrown) {
        const error = toBridgeError(thrown);
        if (stopping.signal.aborted) return;
        failures += 1;
        delayMs = politeBackoffMs(backoff, failures, error.retryAfterMs);
        report({ event: 'attempt.failed', subject: feed, activity: 'bridge-event', error, attempt: failures, delayMs });
      }
      // Waking cuts no back-off short.
      const early = failures === 0 ? [nap.signal] : [];
      if (failures > 0 || !woken) await wait(delayMs, AbortSignal.any([stopping.signal, ...early])).catch(() => {});
    }
  }

  const ended = keepOn();
  return {
    wake() {
      woken = true;
      nap.abort();
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      const timer = setTimeout(() => givingUp.abort(), graceMs);
      await ended.finally(() => clearTimeout(timer));
    },
  };
}
