import type { FenergoFeed } from '../../connectors/fenergo/feeds.ts';
import type { Destination } from '../support/bridge/bridge-home.ts';

/** An event as it is found at a broker, by something that is not the client under test. */
export interface Found {
  readonly feed: FenergoFeed;
  /** The whole event, in JSON. */
  readonly bytes: Uint8Array;
  /** The partition, where there are several. */
  readonly place?: number;
  /** When the broker took it, by its own word: milliseconds since the epoch. */
  readonly appendedAt?: number;
}

/** Places at a broker for six feeds to drain to. */
export interface Ground extends AsyncDisposable {
  readonly destination: Destination;
  readonly keepsOrder: boolean;
  /**
   * Which of these events the broker does not have. Asked when the complete of their batch arrives, which waits for the
   * answer. A ground that has none says afterwards, by `appendedAt`, what was there when.
   */
  absent?(feed: FenergoFeed, ids: readonly string[]): Promise<readonly string[]>;
  /** All that is there, as the broker has it in order. */
  read(): Promise<readonly Found[]>;
}
