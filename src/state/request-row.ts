import type { FeedName } from '../core/batch.ts';
import type { Headers } from '../core/record.ts';
import type { BridgeEvent, RequestRecord, RequestState, StoredAnswer } from '../core/requests.ts';

export interface RequestRow {
  readonly seq: number;
  readonly id: string;
  readonly feed: FeedName;
  readonly source: string;
  readonly through_bridge: 0 | 1;
  readonly upstream_id: string | null;
  readonly correlation_id: string | null;
  readonly caller_reference: string | null;
  readonly state: RequestState;
  readonly begun_at: number;
  readonly stalls_at: number;
}

export interface BridgeEventRow {
  readonly id: string;
  readonly feed: FeedName;
  readonly source: string;
  readonly kind: BridgeEvent['kind'];
  readonly at: number;
  readonly facts: string;
}

export interface AnswerRow {
  readonly seq: number;
  readonly request_id: string;
  readonly bytes: Uint8Array;
  readonly media_type: string;
  readonly headers: string;
  readonly received_at: number;
}

export function toAnswer({ seq, request_id, bytes, media_type, headers, received_at }: AnswerRow): StoredAnswer {
  const receivedAt = new Date(received_at);
  const record = { bytes, mediaType: media_type, headers: JSON.parse(headers) as Headers, receivedAt };
  return { sequence: seq, requestId: request_id, record };
}

export function toRequest(row: RequestRow): RequestRecord {
  return {
    id: row.id,
    feed: row.feed,
    source: row.source,
    throughBridge: row.through_bridge === 1,
    ...(row.upstream_id !== null && { upstreamId: row.upstream_id }),
    ...(row.correlation_id !== null && { correlationId: row.correlation_id }),
    ...(row.caller_reference !== null && { callerReference: row.caller_reference }),
    state: row.state,
    begunAt: new Date(row.begun_at),
    stallsAt: new Date(row.stalls_at),
  };
}

export function toBridgeEvent({ at, facts, ...row }: BridgeEventRow): BridgeEvent {
  return { ...row, at: new Date(at), facts: JSON.parse(facts) as Record<string, string> };
}

/** What is said of a job besides its kind: all that its caller knows it by. */
export function factsOf(row: RequestRow): Readonly<Record<string, string>> {
  return {
    feed: row.feed,
    ...(row.through_bridge === 1 && { requestid: row.id }),
    ...(row.correlation_id !== null && { correlationid: row.correlation_id }),
    ...(row.caller_reference !== null && { callerref: row.caller_reference }),
    ...(row.upstream_id !== null && { upstreamid: row.upstream_id }),
    begunat: new Date(row.begun_at).toISOString(),
  };
}
