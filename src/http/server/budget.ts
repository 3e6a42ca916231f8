/** Bounds what requests may hold at once, by count and bytes. */
export interface Budget {
  readonly requests: number;
  readonly bytes: number;
  /** Whether there is room for one more request right now. */
  readonly hasRoom: boolean;
  /** Whether there was room for one more request; if so it has to `leave`. */
  enter(): boolean;
  leave(): void;
  /** Whether there was room for so many bytes; if so they have to be given back. One body alone always has room. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

export function createBudget(most: { readonly requests: number; readonly bytes: number }): Budget {
  let requests = 0;
  let bytes = 0;
  return {
    get requests() {
      return requests;
    },
    get bytes() {
      return bytes;
    },
    get hasRoom() {
      return requests < most.requests;
    },
    enter() {
      if (requests >= most.requests) return false;
      requests++;
      return true;
    },
    leave() {
      requests--;
    },
    take(more) {
      if (bytes > 0 && bytes + more > most.bytes) return false;
      bytes += more;
      return true;
    },
    giveBack(some) {
      bytes -= some;
    },
  };
}
