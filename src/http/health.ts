import type { ListenAddress } from '../config/configuration.ts';
import type { FeedReport } from '../telemetry/feed-report.ts';
import { createServer, type Listener, listen } from './listener.ts';

export interface HealthOptions {
  readonly address: ListenAddress;
  /** Why no work can be accepted right now; empty: it can. An upstream or broker that is down is no reason. */
  ready(): Promise<readonly string[]>;
  reports(): readonly FeedReport[] | Promise<readonly FeedReport[]>;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
}

/** From here on a feed counts as failing: one or two failures are every day's. */
const failing = 3;

/** Where a feed that is spooled is halted: it goes on elsewhere. */
function where({ halts = [], spool }: FeedReport): string {
  if (spool === undefined || halts.length !== 1) return '';
  return halts[0] === 'drain' ? ' behind the spool' : ' before the spool';
}

function spoolJson({ spool, halts = [], state }: FeedReport, now: number): object {
  if (spool === undefined) return {};
  const stage = (name: 'intake' | 'drain') =>
    halts.includes(name) ? 'halted' : state === 'paused' ? state : 'running';
  const { oldestSince, timeToFullMs, ...use } = spool;
  const timeToFullSeconds = timeToFullMs === null ? null : Math.round(timeToFullMs / 1_000);
  const stages = { intake: stage('intake'), drain: stage('drain') };
  return { ...stages, spool: { ...use, oldestSeconds: secondsSince(oldestSince, now), timeToFullSeconds } };
}

/** Why the spool takes nothing more, of any feed. */
const refusals = { full: 'it is full', disk: 'its disk cannot be written' } as const;

function refusal({ feed, spool }: FeedReport): string[] {
  const refusing = spool?.refusing ?? 'too-old';
  return refusing === 'too-old' ? [] : [`the spool takes no more of ${feed}: ${refusals[refusing]}`];
}

/** Why a feed does not do its work; empty: it does. */
function troubles(report: FeedReport): string[] {
  const because = report.lastError === null ? '' : `: ${report.lastError.code} ${report.lastError.message}`;
  if (report.state === 'halted') return [`${report.feed} is halted${where(report)}${because}`];
  if (report.state === 'paused') return [`${report.feed} is paused`];
  const refused = refusal(report);
  if (refused.length > 0) return refused;
  // A token that may be renewed has been by then: it does not pass by itself.
  const enough = report.lastError?.code === 'AUTH_REFUSED' ? 1 : failing;
  if (report.failuresInARow >= enough) {
    return [`${report.feed} failed ${report.failuresInARow} times in a row${because}`];
  }
  return [];
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

function secondsSince(time: number | null, now: number): number | null {
  return time === null ? null : Math.max(0, Math.round((now - time) / 1_000));
}

function deadLettersJson({ deadLetters }: FeedReport, now: number): object {
  if (deadLetters === undefined) return {};
  const { byCode, oldestSince } = deadLetters;
  return { deadLetters: { byCode, oldestSeconds: secondsSince(oldestSince, now) } };
}

function toJson(report: FeedReport, now: number): object {
  const reasons = troubles(report);
  return {
    status: reasons.length === 0 ? 'ok' : 'degraded',
    reasons,
    state: report.state,
    lastContactAt: isoOrNull(report.lastContactAt),
    lastEventAt: isoOrNull(report.lastEventAt),
    oldestUnconfirmedSeconds: secondsSince(report.oldestUnconfirmedSince, now),
    oldestUncompletedSeconds: secondsSince(report.oldestUncompletedSince, now),
    failuresInARow: report.failuresInARow,
    lastError: report.lastError === null ? null : { ...report.lastError, at: isoOrNull(report.lastError.at) },
    counts: report.counts,
    parked: report.parked,
    ...deadLettersJson(report, now),
    ...spoolJson(report, now),
  };
}

/**
 * Probes, without control: `/livez` the process works; `/readyz` it can accept work; `/readyz/<pipeline>` strict, all
 * feeds of that pipeline do their work; `/healthz` what is so per feed, always 200. Rejects with LISTEN_FAILED.
 */
export async function openHealthListener(options: HealthOptions): Promise<Listener> {
  const now = options.now ?? Date.now;
  const server = createServer();

  server.get('/livez', () => ({ status: 'ok' }));

  server.get('/readyz', async (_request, reply) => {
    const reasons = await options.ready();
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });

  server.get<{ Params: { pipeline: string } }>('/readyz/:pipeline', async (request, reply) => {
    const { pipeline } = request.params;
    const feeds = (await options.reports()).filter((report) => report.feed.startsWith(`${pipeline}/`));
    if (feeds.length === 0) return reply.code(404).send({ message: 'there is no such pipeline' });
    const reasons = [...(await options.ready()), ...feeds.flatMap(troubles)];
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });

  server.get('/healthz', async () => {
    const reports = await options.reports();
    const at = now();
    return {
      status: reports.some((report) => troubles(report).length > 0) ? 'degraded' : 'ok',
      feeds: Object.fromEntries(reports.map((report) => [report.feed, toJson(report, at)])),
    };
  });

  return listen(server, 'health', options.address);
}
