import type { ClaimSettings } from './claims.ts';
import type { Envelope } from './envelope.ts';
import type { Endpoint } from './http.ts';

/** What events speak of, and upstream keeps ready to be fetched. Pure. */
export interface Downloads {
  readonly endpoint: Endpoint;
  /** Where what is too large for an event is kept. */
  readonly store: ClaimSettings;
  /** Milliseconds for one content, from its first byte to its last. */
  readonly timeoutMs: number;
  /** Milliseconds after which what cannot be fetched is given up, and its event is a dead letter. */
  readonly retryForMs: number;
  /** As of HttpRequest: of a content that nobody has made, for a look whether upstream answers. */
  readonly absentPath: string;
  /** What an event tells that it is ready; often nothing. */
  wanted(envelope: Envelope): readonly WantedContent[];
}

export interface WantedContent {
  /** For consumers: `report`. */
  readonly name: string;
  /** As of HttpRequest. */
  readonly path: string;
  /** As of `takesType`. */
  readonly mediaTypes: readonly string[];
  readonly maxBytes: number;
  /** What is no larger becomes part of the event; 0: nothing does. */
  readonly inlineBytes: number;
}
