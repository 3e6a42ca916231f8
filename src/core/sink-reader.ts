import type { Receipt } from './sink.ts';

/** An event that ought to be where its receipt says. */
export interface ExpectedEvent {
  /** Undefined: not known, and not looked at. */
  readonly source: string | undefined;
  readonly id: string;
  readonly receipt: Receipt;
}

/**
 * `found`: it is there. `missing`: nothing is there, though the broker still keeps what was published then. `different`:
 * another event is there. `expired`: the broker no longer keeps what was there. `unclear`: the broker does not tell now.
 */
export type Sighting =
  | { readonly status: 'found' }
  | { readonly status: 'expired' }
  /** `detail`: what is there instead, or why it cannot be told, for people. */
  | { readonly status: 'missing' | 'different' | 'unclear'; readonly detail: string };

/** Looks at what a broker has, as a consumer does that takes nothing away: no event, no position, no group. */
export interface SinkReader extends AsyncDisposable {
  /**
   * One sighting for each event, at the same index. Fastest when what is asked for comes in the order in which it was
   * published. Rejects with the BridgeError of a broker that cannot be asked, or with STOPPING when `signal` aborts.
   */
  lookUp(expected: readonly ExpectedEvent[], signal: AbortSignal): Promise<readonly Sighting[]>;
}
