import type { FeedName } from '../core/batch.ts';
import type { BridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { BridgeEvent } from '../core/requests.ts';
import type { SpoolReport } from '../core/spool.ts';

/** What a failed request or send was for. */
export type Activity =
  | 'next'
  | 'reconcile'
  | 'step'
  | 'complete'
  | 'publish'
  | 'dead-letter'
  | 'ledger'
  | 'cursor'
  | 'token'
  | 'spool'
  | 'register'
  | 'request'
  | 'bridge-event';

/**
 * Everything the bridge says about itself, and nothing else: the log, the health report and the progress display are
 * made from these. Times are milliseconds. `batchId` is upstream's name, "" where it has none.
 */
export type TelemetryEvent =
  | { readonly event: 'daemon.started'; readonly feeds: readonly FeedName[]; readonly pid: number }
  | { readonly event: 'daemon.draining'; readonly reason: string; readonly deadlineMs: number }
  | { readonly event: 'daemon.stopped'; readonly drained: boolean; readonly ms: number }
  /** A bug: the process ends at once. Nothing is acknowledged for it. */
  | { readonly event: 'daemon.failed'; readonly error: BridgeError }
  /** A reload was applied; `failed`: but for these pipelines. All empty but `kept`: the file says what it said. */
  | {
      readonly event: 'config.reloaded';
      /** Who asked. */
      readonly trigger: string;
      readonly added: readonly string[];
      readonly changed: readonly string[];
      readonly removed: readonly string[];
      readonly kept: readonly string[];
      readonly failed: readonly Finding[];
      readonly ms: number;
    }
  /** Nothing was applied. */
  | { readonly event: 'config.refused'; readonly trigger: string; readonly findings: readonly Finding[] }
  | {
      readonly event: 'listener.opened';
      readonly listener: 'health' | 'admin' | 'hooks' | 'requests';
      readonly address: string;
    }
  | { readonly event: 'feed.started'; readonly feed: FeedName }
  | { readonly event: 'feed.paused'; readonly feed: FeedName }
  | { readonly event: 'feed.resumed'; readonly feed: FeedName }
  /** Stopped by a fatal error; probed again after `probeMs`. `drain`: only what is spooled waits, more is accepted. */
  | {
      readonly event: 'feed.halted';
      readonly feed: FeedName;
      readonly error: BridgeError;
      readonly probeMs: number;
      readonly stage?: 'drain';
    }
  /** Upstream was asked and has nothing more. */
  | { readonly event: 'feed.idle'; readonly feed: FeedName }
  | {
      readonly event: 'batch.fetched';
      readonly feed: FeedName;
      readonly batchId: string;
      readonly records: number;
      readonly bytes: number;
    }
  /** Accepted into the spool and fsynced there; `duplicates`: how many of its records had been before. */
  | {
      readonly event: 'batch.spooled';
      readonly feed: FeedName;
      readonly batchId: string;
      readonly records: number;
      readonly duplicates: number;
      readonly ms: number;
    }
  /** Published out of the spool, which forgets it. */
  | { readonly event: 'batch.released'; readonly feed: FeedName; readonly batchId: string; readonly ms: number }
  /** Nothing waits in the spool. */
  | { readonly event: 'spool.drained'; readonly feed: FeedName }
  /** Damage that was found in the spool. */
  | { readonly event: 'spool.damaged'; readonly damage: SpoolReport }
  /** Found in the ledger: published before, only completed again. */
  | { readonly event: 'batch.recognised'; readonly feed: FeedName; readonly batchId: string }
  | {
      readonly event: 'batch.confirmed';
      readonly feed: FeedName;
      readonly batchId: string;
      readonly events: number;
      readonly filtered: number;
      readonly poison: number;
      /** From the start of the publish to the last confirm. */
      readonly ms: number;
      readonly whereabouts: string;
    }
  | { readonly event: 'batch.completed'; readonly feed: FeedName; readonly batchId: string; readonly ms: number }
  | { readonly event: 'batch.returned'; readonly feed: FeedName; readonly batchId: string; readonly error: BridgeError }
  | {
      readonly event: 'event.dead-lettered';
      readonly feed: FeedName;
      readonly batchId: string;
      readonly id: string;
      readonly error: BridgeError;
    }
  /** From here on the events of the key are set aside behind the one that was refused. `destination`: where it is one of several. */
  | {
      readonly event: 'key.parked';
      readonly feed: FeedName;
      readonly key: string;
      readonly destination?: string;
    }
  /** How much of a feed is parked now. */
  | { readonly event: 'parking.changed'; readonly feed: FeedName; readonly keys: number; readonly records: number }
  /** A copy of a dead letter is confirmed at the destination that the configuration names for them. */
  | {
      readonly event: 'dead-letter.copied';
      readonly feed: FeedName;
      readonly batchId: string;
      readonly id: string;
      readonly destination: string;
    }
  /** The destination refuses the copy for good: the local store alone has the dead letter. */
  | {
      readonly event: 'dead-letter.not-copied';
      readonly feed: FeedName;
      readonly batchId: string;
      readonly id: string;
      readonly error: BridgeError;
    }
  | {
      readonly event: 'feed.foreign-complete';
      readonly feed: FeedName;
      readonly batchId: string;
      readonly error: BridgeError;
    }
  /** Something failed and is tried again after `delayMs`. `attempt` counts from 1. */
  | {
      readonly event: 'attempt.failed';
      readonly subject: FeedName | string;
      readonly activity: Activity;
      readonly error: BridgeError;
      readonly attempt: number;
      readonly delayMs: number;
    }
  /** Requests that were not taken in, as many as `times` in the last `ms`; the last one came from there. `hooks`: for no path. */
  | {
      readonly event: 'request.refused';
      readonly subject: FeedName | 'hooks';
      readonly status: number;
      readonly error: BridgeError;
      readonly from: string;
      readonly times: number;
      readonly ms: number;
    }
  /** What a sender was told had not worked in time has come to its end. `safe`: it is where it should be; it comes again. */
  | { readonly event: 'request.settled-late'; readonly feed: FeedName; readonly safe: boolean }
  /** What the upstream holds of us; `lost`: it held it no more, and has a new one. `id`: its name there, "" for none. */
  | {
      readonly event: 'registration.changed';
      readonly feed: FeedName;
      readonly change: 'created' | 'found' | 'updated' | 'renewed' | 'lost' | 'kept' | 'withdrawn';
      readonly id: string;
    }
  /** How a job at the upstream goes, as told to `bridgeEvents` where there are any. May be said twice. */
  | {
      readonly event: 'request.changed';
      readonly feed: FeedName;
      readonly kind: BridgeEvent['kind'];
      readonly facts: BridgeEvent['facts'];
    }
  /** Nothing was read of a stream from then until then: events may be missing. `reconciled`: upstream was asked for them. */
  | {
      readonly event: 'feed.gap';
      readonly feed: FeedName;
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly reconciled: boolean;
    }
  /** The destination of `bridgeEvents` refuses one for good: the log alone has it. */
  | {
      readonly event: 'bridge-event.refused';
      readonly feed: FeedName;
      readonly id: string;
      readonly error: BridgeError;
    }
  /** After tries that failed. */
  | { readonly event: 'registration.works'; readonly feed: FeedName }
  | { readonly event: 'token.refreshed'; readonly subject: string; readonly expiresInMs: number | undefined }
  | { readonly event: 'log.repaired'; readonly file: string; readonly droppedBytes: number }
  /** Receipts or raw batches that could not be kept. No event is lost with them. */
  | { readonly event: 'archive.dropped'; readonly error: BridgeError; readonly entries: number }
  /** An operator's act, as it went into the audit log. */
  | { readonly event: 'operator.acted'; readonly action: string; readonly feed: FeedName; readonly reason: string };

/** Where telemetry goes. Never throws, never waits. */
export type Report = (event: TelemetryEvent) => void;
