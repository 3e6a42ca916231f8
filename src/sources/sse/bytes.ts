/** Bytes that are gathered piece by piece. */
export interface Bytes {
  readonly length: number;
  add(piece: Buffer): void;
  /** The first `length` of them. Default: all. */
  copy(length?: number): Buffer;
  clear(): void;
}

const smallest = 1_024;
/** More room than this is given back when it is cleared. */
const kept = 64 * 1_024;

/** Grows by doubling, so that a million tiny pieces cost their own size, and not a million objects. */
export function createBytes(): Bytes {
  let room = Buffer.alloc(0);
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(piece) {
      const needed = length + piece.length;
      if (needed > room.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(2 * needed, smallest));
        room.copy(larger, 0, 0, length);
        room = larger;
      }
      piece.copy(room, length);
      length = needed;
    },
    copy: (upTo = length) => Buffer.from(room.subarray(0, Math.min(upTo, length))),
    clear() {
      length = 0;
      if (room.length > kept) room = Buffer.alloc(0);
    },
  };
}
