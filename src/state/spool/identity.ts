import { hash } from 'node:crypto';
import type { SpoolEntry } from '../../core/spool.ts';

/** What the spool remembers of an accepted record: 16 bytes of SHA-256 each. */
export interface Keys {
  /** An event's own id, or the partition key of a state. Empty: never recognised. */
  readonly key: Uint8Array;
  /** The id of a state: only while it is the last one of its key, the same is a duplicate. */
  readonly id: Uint8Array;
}

const nothing = new Uint8Array(0);
const unknown: Keys = { key: nothing, id: nothing };

function digest(parts: readonly string[]): Uint8Array {
  return hash('sha256', JSON.stringify(parts), 'buffer').subarray(0, 16);
}

export function keysOf(identity: SpoolEntry['identity']): Keys {
  if (identity === undefined) return unknown;
  const { source, id, kind, partitionkey } = identity;
  return kind === 'event'
    ? { key: digest(['event', source, id]), id: nothing }
    : { key: digest(['state', partitionkey]), id: digest([source, id]) };
}

/** For use as the key of a Map. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
