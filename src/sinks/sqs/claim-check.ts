import type { Claim, ClaimStore } from '../../core/claims.ts';
import type { Envelope } from '../../core/envelope.ts';
import { parseMediaType } from '../../kit/media-type.ts';

/** For what takes more than `above` bytes as a message. */
export interface Claims {
  readonly above: number;
  /** Puts the data of an event aside. Rejects with what the store rejects with. */
  put(envelope: Envelope, signal: AbortSignal): Promise<Claim>;
}

export function claimsIn(store: ClaimStore, above: number): Claims {
  return {
    above,
    put({ attributes, data }, signal) {
      return store.put(whole(data.bytes), parseMediaType(attributes.datacontenttype)?.essence ?? '', signal);
    },
  };
}

async function* whole(bytes: Uint8Array) {
  yield bytes;
}
