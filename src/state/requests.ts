import type { FeedName } from '../core/batch.ts';
import { digestId } from '../core/digest.ts';
import { BridgeError } from '../core/errors.ts';
import type { BridgeEvent, Requests, Sighting, Tie } from '../core/requests.ts';
import type { Database } from './database.ts';
import type { GroupCommit } from './group-commit.ts';
import {
  type AnswerRow,
  type BridgeEventRow,
  factsOf,
  type RequestRow,
  toAnswer,
  toBridgeEvent,
  toRequest,
} from './request-row.ts';

/** As many answers of a feed may wait to be published, and some more whose requests are on their way by then. */
export const answersBound = { answers: 1_000, bytes: 64 * 1024 ** 2 };

/** A change of state and what has to be said of it are one transaction. */
export function createRequests(database: Database, { commit }: GroupCommit): Requests {
  const insert = database.prepare(`
    INSERT INTO requests (id, feed, source, through_bridge, upstream_id, correlation_id, caller_reference, state, begun_at, stalls_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const byId = database.prepare<RequestRow>('SELECT * FROM requests WHERE id = ?');
  const byUpstream = database.prepare<RequestRow>('SELECT * FROM requests WHERE feed = ? AND upstream_id = ?');
  const setState = database.prepare('UPDATE requests SET state = ?, ended_at = ? WHERE id = ?');
  const setUpstream = database.prepare('UPDATE requests SET upstream_id = ? WHERE id = ?');
  const forget = database.prepare('DELETE FROM requests WHERE id = ?');
  const due = database.prepare<RequestRow>(`
    SELECT * FROM requests WHERE feed = ? AND stalls_at <= ? AND state IN ('sent', 'accepted') ORDER BY stalls_at LIMIT ?`);
  const say = database.prepare(`
    INSERT INTO bridge_events (id, feed, source, kind, at, facts) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const unsaid = database.prepare<BridgeEventRow>('SELECT * FROM bridge_events WHERE feed = ? ORDER BY seq LIMIT ?');
  const unsay = database.prepare('DELETE FROM bridge_events WHERE id = ?');
  const old = database.prepare<{ readonly id: string }>(`
    SELECT id FROM requests WHERE ended_at < ? ORDER BY ended_at LIMIT 1000`);

  const keep = database.prepare(`
    INSERT INTO answers (feed, request_id, bytes, media_type, headers, received_at) VALUES (?, ?, ?, ?, ?, ?)`);
  const kept = database.prepare<AnswerRow>('SELECT * FROM answers WHERE feed = ? AND seq > ? ORDER BY seq LIMIT ?');
  const drop = database.prepare('DELETE FROM answers WHERE feed = ? AND seq <= ?');
  const waiting = database.prepare<{ readonly answers: number; readonly bytes: number }>(
    'SELECT count(*) AS answers, coalesce(sum(length(bytes)), 0) AS bytes FROM answers WHERE feed = ?',
  );

  function refuseFull(feed: FeedName): void {
    const { answers = 0, bytes = 0 } = waiting.get(feed) ?? {};
    if (answers < answersBound.answers && bytes < answersBound.bytes) return;
    const what = `${answers} answers with ${bytes} bytes wait to be published`;
    throw new BridgeError('ANSWERS_FULL', `not sent: of ${feed}, ${what}`, { retryAfterMs: 5_000 });
  }

  function tell(row: RequestRow, kind: BridgeEvent['kind'], at: Date) {
    const id = digestId(['request', row.feed, row.id, kind]);
    say.run(id, row.feed, row.source, kind, at.getTime(), JSON.stringify(factsOf(row)));
  }

  function find(feed: FeedName, { requestId, upstreamId }: Tie): RequestRow | undefined {
    const named = requestId === undefined ? undefined : byId.get(requestId);
    if (named?.feed === feed) return named;
    return upstreamId === undefined ? undefined : byUpstream.get(feed, upstreamId);
  }

  function accept(row: RequestRow, at: Date): RequestRow {
    if (row.state !== 'sent' && row.state !== 'failed') return row;
    setState.run('accepted', null, row.id);
    if (row.through_bridge === 1) tell(row, 'request.accepted', at);
    return { ...row, state: 'accepted' };
  }

  function finish(row: RequestRow, at: Date): void {
    if (row.state === 'settled') return;
    setState.run('settled', at.getTime(), row.id);
    if (row.through_bridge === 1) tell(row, 'request.settled', at);
  }

  /** Names a job as upstream does. What was known by that name before is this job, or an older one of the same name. */
  function name(row: RequestRow, upstreamId: string | undefined, at: Date): RequestRow {
    if (upstreamId === undefined || row.upstream_id === upstreamId) return row;
    const other = byUpstream.get(row.feed, upstreamId);
    if (other?.through_bridge === 0) forget.run(other.id);
    else if (other !== undefined) setUpstream.run(null, other.id);
    setUpstream.run(upstreamId, row.id);
    const named = { ...row, upstream_id: upstreamId };
    // Its last event came before the answer that names it.
    if (other?.through_bridge === 0 && other.state === 'settled') {
      finish(accept(named, at), at);
      return { ...named, state: 'settled' };
    }
    return named;
  }

  function see(feed: FeedName, { tie, terminal }: Sighting, about: Parameters<Requests['saw']>[2]): void {
    const { source, at, unknown } = about;
    let row = find(feed, tie);
    if (row === undefined) {
      if (unknown === undefined || tie.upstreamId === undefined) return;
      const id = digestId(['job', feed, tie.upstreamId]);
      insert.run(id, feed, source, 0, tie.upstreamId, null, null, 'accepted', at.getTime(), unknown.stallsAt.getTime());
      row = byId.get(id);
      if (row === undefined) return;
    }
    const accepted = accept(name(row, tie.upstreamId, at), at);
    if (terminal) finish(accepted, at);
  }

  return {
    async add({ id, feed, source, correlationId, callerReference, at, stallsAt, publishes }) {
      if (publishes) refuseFull(feed);
      await commit(() => {
        const times = [at.getTime(), stallsAt.getTime()] as const;
        insert.run(id, feed, source, 1, null, correlationId, callerReference ?? null, 'sent', ...times);
      });
    },
    answered: (id, { state, upstreamId, at, record }) =>
      commit(() => {
        const row = byId.get(id);
        if (row === undefined) return;
        const named = name(row, upstreamId, at);
        if (state === 'accepted') accept(named, at);
        else if (state === 'settled') finish(accept(named, at), at);
        else if (state === 'failed' && named.state === 'sent') setState.run('failed', at.getTime(), id);
        if (record === undefined) return;
        const { bytes, mediaType, headers, receivedAt } = record;
        keep.run(row.feed, id, bytes, mediaType, JSON.stringify(headers), receivedAt.getTime());
      }),
    async unpublished(feed, after, limit) {
      return kept.all(feed, after, limit).map(toAnswer);
    },
    published: (feed, sequence) =>
      commit(() => {
        drop.run(feed, sequence);
      }),
    async find(feed, tie) {
      const row = find(feed, tie);
      return row && toRequest(row);
    },
    saw: (feed, sightings, about) =>
      commit(() => {
        for (const sighting of sightings) see(feed, sighting, about);
      }),
    async stall(feed, now, limit) {
      const rows = due.all(feed, now.getTime(), limit);
      if (rows.length === 0) return 0;
      await commit(() => {
        for (const { id } of rows) {
          const row = byId.get(id);
          if (row === undefined || (row.state !== 'sent' && row.state !== 'accepted')) continue;
          setState.run('stalled', now.getTime(), id);
          if (row.through_bridge === 1) tell(row, 'request.stalled', now);
          if (row.upstream_id !== null) tell(row, 'stalled', now);
        }
      });
      return rows.length;
    },
    say: ({ id, feed, source, kind, at, facts }) =>
      commit(() => {
        say.run(id, feed, source, kind, at.getTime(), JSON.stringify(facts));
      }),
    async unsaid(feed, limit) {
      return unsaid.all(feed, limit).map(toBridgeEvent);
    },
    said: (ids) =>
      commit(() => {
        for (const id of ids) unsay.run(id);
      }),
    async prune(before) {
      const ids = old.all(before.getTime());
      if (ids.length === 0) return 0;
      await commit(() => {
        for (const { id } of ids) forget.run(id);
      });
      return ids.length;
    },
  };
}
