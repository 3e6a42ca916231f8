import type { BridgeError } from '../core/errors.ts';
import type { SpoolReport } from '../core/spool.ts';
import { adviceFor, errorLine } from './error-text.ts';
import type { TelemetryEvent } from './events.ts';
import { registrationLine } from './registration-line.ts';
import { findingTexts, reloadedLine } from './reload-line.ts';

/** From the most talkative on. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export type LogLevel = (typeof logLevels)[number];

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
}

/** How loudly it is spoken of what happens with every batch: who does not read that need not have it put into words. */
export const batchLevels = {
  'feed.idle': 'trace',
  'batch.fetched': 'trace',
  'batch.spooled': 'trace',
  'batch.released': 'trace',
  'batch.confirmed': 'debug',
  'batch.completed': 'trace',
} as const satisfies Partial<Record<TelemetryEvent['event'], LogLevel>>;

/** The first failures at once, then ever fewer of them: attempts 1, 2, 4, 8 and so on. */
function worthTelling(attempt: number): boolean {
  return Number.isInteger(Math.log2(attempt));
}

/** Being stopped is no failure, and an event held back behind another is told by that other one. */
function isOrdinary(error: BridgeError): boolean {
  return error.code === 'STOPPING' || error.code === 'NOT_SENT';
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function batchName(batchId: string): string {
  return batchId === '' ? 'a batch' : `batch ${batchId}`;
}

function spoolDamage(damage: SpoolReport): LogLine {
  switch (damage.kind) {
    case 'gap':
      return {
        level: 'error',
        message: `${damage.feed}  lost ${damage.records} records of the spool, among ${damage.from} to ${damage.to}: they were damaged`,
      };
    case 'damaged':
      return { level: 'error', message: `the spool was damaged (${damage.reason}): ${damage.file} is kept apart` };
    case 'salvaged':
      return { level: 'warn', message: `${damage.records} records were brought over from ${damage.file}` };
    case 'discarded':
      return { level: 'warn', message: `${damage.file} had to go for newer damaged files` };
  }
}

/** What the log says of an event, and how loudly. Pure. */
export function logLine(event: TelemetryEvent): LogLine {
  switch (event.event) {
    case 'daemon.started':
      return {
        level: 'info',
        message: `feedferry started with ${event.feeds.length} feed${event.feeds.length === 1 ? '' : 's'}: ${event.feeds.join(', ')}`,
      };
    case 'daemon.draining':
      return {
        level: 'info',
        message: `stopping (${event.reason}): finishing what is in flight, for at most ${seconds(event.deadlineMs)}`,
      };
    case 'daemon.stopped':
      return event.drained
        ? { level: 'info', message: `stopped; everything in flight was finished in ${seconds(event.ms)}` }
        : {
            level: 'warn',
            message: `stopped after ${seconds(event.ms)} with work in flight; upstream will send it again`,
          };
    case 'daemon.failed':
      return { level: 'fatal', message: errorLine('feedferry', event.error) };
    case 'config.reloaded':
      return reloadedLine(event);
    case 'config.refused':
      return {
        level: 'error',
        message: `${event.trigger}: the new configuration is refused, and nothing has changed: ${findingTexts(event.findings)}`,
      };
    case 'listener.opened':
      return { level: 'info', message: `${event.listener} listens on ${event.address}` };
    case 'feed.started':
      return { level: 'info', message: `${event.feed}  started` };
    case 'feed.paused':
      return { level: 'info', message: `${event.feed}  paused` };
    case 'feed.resumed':
      return { level: 'info', message: `${event.feed}  resumed` };
    case 'feed.halted': {
      const hint = `${adviceFor(event.error, event.feed)} Probed again in ${seconds(event.probeMs)}.`;
      const { code, message } = event.error;
      return {
        level: 'error',
        message: `${event.stage ?? ''}${event.stage ? ' ' : ''}halted: ${errorLine(event.feed, { code, message, hint })}`,
      };
    }
    case 'feed.idle':
      return { level: batchLevels['feed.idle'], message: `${event.feed}  nothing waits upstream` };
    case 'batch.fetched':
      return {
        level: batchLevels['batch.fetched'],
        message: `${event.feed}  ${batchName(event.batchId)} fetched: ${event.records} records, ${event.bytes} bytes`,
      };
    case 'batch.spooled':
      return {
        level: batchLevels['batch.spooled'],
        message: `${event.feed}  ${batchName(event.batchId)} is in the spool after ${seconds(event.ms)}: ${event.records} records, ${event.duplicates} were there before`,
      };
    case 'batch.released':
      return {
        level: batchLevels['batch.released'],
        message: `${event.feed}  ${batchName(event.batchId)} left the spool`,
      };
    case 'spool.drained':
      return { level: 'trace', message: `${event.feed}  nothing waits in the spool` };
    case 'spool.damaged':
      return spoolDamage(event.damage);
    case 'batch.recognised':
      return {
        level: 'info',
        message: `${event.feed}  ${batchName(event.batchId)} is published already: only completed again`,
      };
    case 'batch.confirmed':
      return {
        level: batchLevels['batch.confirmed'],
        message:
          `${event.feed}  ${batchName(event.batchId)} confirmed in ${seconds(event.ms)}: ${event.events} events` +
          `${event.whereabouts === '' ? '' : ` (${event.whereabouts})`}, ${event.filtered} filtered, ${event.poison} poison`,
      };
    case 'batch.completed':
      return {
        level: batchLevels['batch.completed'],
        message: `${event.feed}  ${batchName(event.batchId)} completed upstream in ${seconds(event.ms)}`,
      };
    case 'batch.returned':
      return {
        level: isOrdinary(event.error) ? 'debug' : 'warn',
        message: `${errorLine(event.feed, event.error)} ${batchName(event.batchId)} stays upstream.`,
      };
    case 'event.dead-lettered':
      return {
        level: 'warn',
        message: `${errorLine(event.feed, event.error)} Kept: feedferry dead-letters show ${event.id}`,
      };
    case 'key.parked': {
      const where = event.destination === undefined ? '' : ` at ${event.destination}`;
      return {
        level: 'warn',
        message: `${event.feed}  the key ${event.key} is parked${where}. When the cause is mended: feedferry parked release ${event.feed} ${event.key}`,
      };
    }
    case 'parking.changed':
      return { level: 'debug', message: `${event.feed}  parked: ${event.records} events of ${event.keys} keys` };
    case 'dead-letter.copied':
      return { level: 'debug', message: `${event.feed}  dead letter ${event.id} is copied to ${event.destination}` };
    case 'dead-letter.not-copied':
      return {
        level: 'error',
        message: `no copy: ${errorLine(event.feed, event.error)} Kept on this disk alone: feedferry dead-letters show ${event.id}`,
      };
    case 'feed.foreign-complete':
      return { level: 'warn', message: errorLine(event.feed, event.error) };
    case 'attempt.failed':
      return {
        level: worthTelling(event.attempt) && !isOrdinary(event.error) ? 'warn' : 'debug',
        message: `${errorLine(event.subject, event.error)} ${event.activity}: try ${event.attempt}, next in ${seconds(event.delayMs)}.`,
      };
    case 'request.refused': {
      const { subject, status, error, from, times, ms } = event;
      const number = times === 1 ? 'once' : `${times} times`;
      const often = ms === 0 ? '' : ` ${number} in ${Math.round(ms / 1_000)} s`;
      const message = `${status} sent${often} from ${from}: ${error.message}. Published nothing.`;
      return {
        level: 'warn',
        message: errorLine(subject, { code: error.code, message, hint: error.hint }),
      };
    }
    case 'feed.gap': {
      const asked = event.reconciled ? 'upstream was asked for them' : 'they are not known';
      return {
        level: 'warn',
        message: `${event.feed}  nothing was read from ${event.from} to ${event.to} (${event.reason}): events may be missing, and ${asked}`,
      };
    }
    case 'request.changed': {
      const { feed, kind, facts } = event;
      const { correlationid = '', upstreamid = '' } = facts;
      const name = [correlationid, upstreamid && `(${upstreamid})`].filter((part) => part !== '').join(' ');
      const stalled = kind === 'stalled' || kind === 'request.stalled';
      return {
        level: stalled ? 'warn' : 'debug',
        message: `${feed}  ${kind === 'stalled' ? 'session stalled' : kind.replace('.', ' ')}: ${name}, begun ${facts['begunat'] ?? ''}${stalled ? '. Ask the upstream what became of it' : ''}`,
      };
    }
    case 'bridge-event.refused':
      return { level: 'error', message: `not said to bridgeEvents: ${errorLine(event.feed, event.error)}` };
    case 'request.settled-late':
      return {
        level: 'debug',
        message: `${event.feed}  a request that was answered 503 for the time it took is ${event.safe ? 'published all the same' : 'given up'}`,
      };
    case 'registration.changed':
      return registrationLine(event);
    case 'registration.works':
      return { level: 'info', message: `${event.feed}  the upstream answers about its registration again` };
    case 'token.refreshed': {
      const expiry = event.expiresInMs === undefined ? '' : `, good for ${seconds(event.expiresInMs)}`;
      return { level: 'debug', message: `${event.subject}  got an access token${expiry}` };
    }
    case 'log.repaired':
      return {
        level: 'warn',
        message: `${event.file}: dropped ${event.droppedBytes} bytes of an event that was being written when the bridge was killed; it was never confirmed`,
      };
    case 'archive.dropped':
      return { level: 'warn', message: errorLine('archive', event.error) };
    case 'operator.acted':
      return { level: 'info', message: `${event.feed}  ${event.action} by an operator: ${event.reason}` };
  }
}
