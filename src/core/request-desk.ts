import type { FeedName } from './batch.ts';
import type { HttpClient } from './http.ts';
import type { Jobs, RequestProtocol } from './requests.ts';

/** A feed whose upstream is sent requests. */
export interface RequestTaker {
  readonly pipeline: string;
  readonly feed: FeedName;
  /** CloudEvents `source` of the feed. */
  readonly source: string;
  readonly stalledMs: Jobs['stalledMs'];
  readonly protocol: RequestProtocol;
  readonly client: Pick<HttpClient, 'send'>;
  /** What upstream is told to call, without what tells requests apart. */
  readonly callback: string | undefined;
  /** Something has to be said of its requests. */
  wake(): void;
}

/** The listener for requests, as pipelines see it. */
export interface RequestDesk {
  /** Takes requests for a pipeline until it is disposed of. Rejects with LISTEN_FAILED. */
  register(taker: RequestTaker): Promise<AsyncDisposable>;
}
