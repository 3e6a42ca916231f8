import { BridgeError } from '../core/errors.ts';
import type { OnPoison } from '../core/on-poison.ts';
import type { Settlement } from './publisher.ts';

/** Watches over the keys of what is published in one call. Asked and told at once, in the midst of the publisher's work. */
export interface Guard {
  /** Unless `dead-letter`, the events of a key go one after the other: what follows a refused one is never on its way. */
  readonly onPoison: OnPoison;
  /** Whether events of this key have to wait behind others that were set aside. */
  isParked(key: string): boolean;
  /** Of an event that is not to be sent at all: it is refused when its turn comes. */
  unfit(index: number): BridgeError | undefined;
  /**
   * An event is parked, or is refused and parks its key. Called in order of acceptance of each key. Not called for what is
   * refused while `onPoison` is not `park-key`.
   */
  aside(index: number, settlement: Exclude<Settlement, { readonly status: 'confirmed' }>): void;
}

/** What a refusal means where the first one halts the feed. */
export function poisonStopped(refusal: BridgeError): BridgeError {
  const { code, message } = refusal;
  return new BridgeError('POISON_STOPPED', `${code}: ${message}`, { cause: refusal });
}
