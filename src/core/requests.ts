import type { FeedName } from './batch.ts';
import type { Envelope } from './envelope.ts';
import type { Endpoint, HttpRequest, HttpResponse } from './http.ts';
import type { Headers, RawRecord } from './record.ts';

/** Query parameter of callback URLs in which a request's own id comes back. */
export const requestParameter = 'feedferry-request';

/** What an event says of the job it belongs to: by the bridge's own name for its request, by upstream's, or neither. */
export interface Tie {
  readonly requestId?: string | undefined;
  readonly upstreamId?: string | undefined;
}

/** Work that an upstream does in the background, and tells of by events. Pure. */
export interface Jobs {
  /** `headers`: those of the record, with its marks. */
  tie(envelope: Envelope, headers: Headers): Tie;
  /** Whether the event is the last one that tells how the job went. */
  isTerminal(envelope: Envelope): boolean;
  /** Milliseconds after its beginning from which a job without such an event is stalled. */
  readonly stalledMs: number;
  /** Whether jobs are watched that the bridge hears of by their events alone. */
  readonly watchesAll: boolean;
  /** How jobs are begun through the bridge. Absent: they are not. */
  readonly requests?: RequestProtocol;
}

/** What an answer says of its job: that upstream works on it, that it is done, or that there is none. */
export type JobAnswer = 'accepted' | 'settled' | 'failed';

/** Pure. */
export interface RequestProtocol {
  readonly endpoint: Endpoint;
  /** Whether upstream has to be told what to call. */
  readonly callsBack: boolean;
  /**
   * Puts in what ties the events of the job to it; undefined: the request begins no job, and goes as it is. Throws
   * REQUEST_UNFIT.
   */
  prepare(request: HttpRequest, marks: RequestMarks): HttpRequest | undefined;
  /**
   * Whether upstream refused credentials that are good for a time only. Then the request is prepared anew, and sent once more
   * where that makes another one of it. Absent: never.
   */
  isUntimely?(response: HttpResponse): boolean;
  /** Of an answer with a status of success. Absent: `accepted`. Undefined: it does not say. */
  judge?(response: HttpResponse): JobAnswer | undefined;
  /** Upstream's name for the job, out of an answer of success. Undefined where there is none. */
  upstreamId(response: HttpResponse): string | undefined;
  /** An answer that is published too, by a feed that arrives as `answers`. Absent, undefined: it is not. */
  record?(response: HttpResponse): RawRecord | undefined;
}

/** What can be put into a request. */
export interface RequestMarks {
  /** 32 characters of lower-case hex. */
  readonly id: string;
  /** What upstream should call; `undefined` where nothing is sent to the feed. */
  readonly callback: string | undefined;
  readonly now: Date;
  /** When the same request was made before, and untimely. */
  readonly refusedAt?: Date;
}

/**
 * `sent`: stored, and perhaps sent; no answer is known. `accepted`: upstream has it. `failed`: it was not sent, or answered
 * without success. `settled`: its last event is safe. `stalled`: none came in time; one may come yet.
 */
export type RequestState = 'sent' | 'accepted' | 'failed' | 'settled' | 'stalled';

export interface NewRequest {
  readonly id: string;
  readonly feed: FeedName;
  /** CloudEvents `source` of the feed. */
  readonly source: string;
  readonly correlationId: string;
  readonly callerReference?: string | undefined;
  readonly at: Date;
  readonly stallsAt: Date;
  /** Whether its answer may have to be published too. */
  readonly publishes: boolean;
}

/** A job. Those that were not begun through the bridge have no correlation id. */
export interface RequestRecord {
  readonly id: string;
  readonly feed: FeedName;
  readonly source: string;
  readonly throughBridge: boolean;
  readonly upstreamId?: string;
  readonly correlationId?: string;
  readonly callerReference?: string;
  readonly state: RequestState;
  readonly begunAt: Date;
  readonly stallsAt: Date;
}

/** That an event of a job is safe. */
export interface Sighting {
  readonly tie: Tie;
  readonly terminal: boolean;
}

/** What the bridge says of a job, or of a time without a connection (`gap`), until it has been said. */
export interface BridgeEvent {
  /** The same when it is said again. */
  readonly id: string;
  readonly feed: FeedName;
  readonly source: string;
  readonly kind: 'request.accepted' | 'request.settled' | 'request.stalled' | 'stalled' | 'gap';
  readonly at: Date;
  /** Of the request, or of a gap: a JSON object. */
  readonly facts: Readonly<Record<string, string>>;
}

/** How a request went. */
export interface RequestAnswer {
  /** Undefined: the answer does not say. */
  readonly state: JobAnswer | undefined;
  readonly upstreamId?: string | undefined;
  readonly at: Date;
  /** To be published too. */
  readonly record?: RawRecord | undefined;
}

/** An answer that has to be published. */
export interface StoredAnswer {
  /** Of its feed, rising. */
  readonly sequence: number;
  readonly requestId: string;
  readonly record: RawRecord;
}

/** Jobs at upstreams, and what has to be said of them. Durable when a method resolves. */
export interface Requests {
  /**
   * Before it is sent: an event of it may come before its answer. Rejects with ANSWERS_FULL where that may have to be
   * published, and as many wait for that as may.
   */
  add(request: NewRequest): Promise<void>;
  /** The answer, or that there was none: `failed`. An unknown end is no answer. */
  answered(id: string, answer: RequestAnswer): Promise<void>;
  /** Answers to requests of a feed that wait to be published, after a sequence, oldest first. */
  unpublished(feed: FeedName, after: number, limit: number): Promise<readonly StoredAnswer[]>;
  /** All of a feed up to this sequence are. */
  published(feed: FeedName, sequence: number): Promise<void>;
  find(feed: FeedName, tie: Tie): Promise<RequestRecord | undefined>;
  /** Events of jobs are safe. `unknown`: begins to watch jobs that it does not know by upstream's name. */
  saw(
    feed: FeedName,
    sightings: readonly Sighting[],
    about: {
      readonly source: string;
      readonly at: Date;
      readonly unknown?: { readonly stallsAt: Date } | undefined;
    },
  ): Promise<void>;
  /** Marks what is due by now as stalled, at most so many; gives how many. */
  stall(feed: FeedName, now: Date, limit: number): Promise<number>;
  /** This has to be said too. The same again changes nothing. */
  say(event: BridgeEvent): Promise<void>;
  /** What has to be said of a feed, oldest first. */
  unsaid(feed: FeedName, limit: number): Promise<readonly BridgeEvent[]>;
  said(ids: readonly string[]): Promise<void>;
  /** Forgets what ended before; at most a thousand a call. Gives how many. */
  prune(before: Date): Promise<number>;
}
