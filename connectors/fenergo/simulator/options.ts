import type { FenergoFeed } from '../feeds.ts';
import type { Witness } from './witness.ts';

/** Who is let in. `lifetimeS`: how long an access token is good, in seconds, 3600 by default. */
export type SimulatorAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'oauth2'; readonly clientId: string; readonly clientSecret: string; readonly lifetimeS?: number };

export interface SimulatorOptions {
  /** On 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** The same seed, 1 by default, gives the same events and the same dice for faults. */
  readonly seed?: number;
  /** By default none. The token endpoint is `POST /token`. */
  readonly auth?: SimulatorAuth;
  readonly tenantId?: string;
  /** How many requests are remembered, 20,000 by default. */
  readonly requestLogSize?: number;
  /** What waits from the start. */
  readonly fill?: readonly FillCommand[];
  readonly witness?: Witness;
}

/** Lets events wait in a feed. */
export interface FillCommand {
  readonly feed: FenergoFeed;
  readonly events: number;
  /** Events in a batch: a number, 10 by default, or `random` for 1 to 10. */
  readonly batchSize?: number | 'random';
  /** About how many bytes each event has; an event has some 550 to 650 of its own. */
  readonly eventBytes?: number;
  /** `when` of the first event, milliseconds since the epoch; each next one is a second later. */
  readonly at?: number;
  /** They come in at this rate from now on; absent: all are there at once. */
  readonly perSecond?: number;
}

export const defaultTenant = 'bded51d4-598e-4079-9cf6-43e74144b415';
