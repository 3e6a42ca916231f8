import type { Socket } from 'node:net';
import { breakOff } from './break-off.ts';
import type { Rule } from './rules.ts';

/** One direction of one connection. */
export interface Flow {
  /** To be called when the rule has changed. */
  look(): void;
  /** From now on, what comes is thrown away. */
  discard(): void;
}

/**
 * Passes on what comes, the end, and the breaking off. One piece is under way at a time, so that a reader that is slow
 * slows the writer down, and next to nothing is kept here.
 */
export function createFlow(from: Socket, to: Socket, rule: () => Rule): Flow {
  let discarding = false;
  let writing = false;
  let pause: NodeJS.Timeout | undefined;

  function look() {
    clearTimeout(pause);
    pause = undefined;
    step();
  }

  function step() {
    if (discarding) {
      while (from.read() !== null) {}
      return;
    }
    const { held, most } = rule();
    if (held || writing || pause) return;
    // A socket that is gone gives no more data: it comes here on closing.
    if (from.destroyed) return passFailure();
    // Asked for nothing, it still tells of its end.
    const piece: Buffer | null = from.read(Math.min(most, from.readableLength) || undefined);
    if (piece === null || to.destroyed) return;
    writing = true;
    to.write(piece, () => setImmediate(written, piece.length));
  }

  /** In a turn of its own, so that what is written in pieces arrives in pieces. */
  function written(bytes: number) {
    writing = false;
    const { bytesPerSecond } = rule();
    if (bytesPerSecond !== undefined && !from.destroyed) pause = setTimeout(look, (bytes / bytesPerSecond) * 1_000);
    else step();
  }

  function passFailure() {
    if (to.destroyed) return;
    if (from.errored) breakOff(to);
    else if (!from.readableEnded) to.destroy();
  }

  from.on('readable', step);
  from.on('end', () => to.end());
  from.on('error', () => {});
  from.on('close', look);
  return {
    look,
    discard() {
      discarding = true;
      look();
    },
  };
}
