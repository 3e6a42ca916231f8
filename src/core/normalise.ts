import type { Envelope } from './envelope.ts';
import type { BridgeError } from './errors.ts';
import type { RawRecord } from './record.ts';

/** What became of a record. */
export type Outcome =
  | { readonly kind: 'event'; readonly envelope: Envelope }
  /** Left out on purpose; `step` names the setting that did it. Acknowledged upstream like the rest. */
  | { readonly kind: 'filtered'; readonly step: string }
  /** Can never become an event as it is: set aside with its original bytes. */
  | { readonly kind: 'poison'; readonly error: BridgeError };

/** What a connector may use besides the record. `batchId` and `index` are for attributes and error texts. */
export interface RecordContext {
  readonly batchId: string | undefined;
  /** Position of the record in its batch, from 0. */
  readonly index: number;
}

/** Pure: no clock, no I/O, no randomness, no throw. One record may give several events, or none. */
export type Normalise = (record: RawRecord, context: RecordContext) => readonly Outcome[];
