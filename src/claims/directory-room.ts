import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Nobody has had the time yet to fetch what is younger. Milliseconds. */
const untouchedMs = 3_600_000;

export interface RoomBounds {
  readonly dir: string;
  readonly keepMs: number;
  readonly maxBytes: number;
  now(): number;
  /** Whether somebody is about to say that it is there. */
  isHeld(name: string): boolean;
}

/** How much the contents of a directory take, in bytes. */
export interface Room {
  used: number;
}

interface Kept {
  readonly name: string;
  readonly path: string;
  readonly length: number;
  readonly ageMs: number;
}

/**
 * Deletes what is too old, and of the rest the oldest until `needed` more bytes fit. In one go: whoever puts a content
 * that is there already either finds it held, or gone.
 */
export function makeRoom(bounds: RoomBounds, needed: number): Room {
  const { keepMs, maxBytes, isHeld } = bounds;
  const contents = contentsOf(bounds);
  let used = contents.reduce((sum, { length }) => sum + length, 0);
  for (const { name, path, length, ageMs } of contents.toSorted((one, other) => other.ageMs - one.ageMs)) {
    const crowded = used + needed > maxBytes && ageMs > untouchedMs;
    if (ageMs <= keepMs && !crowded) continue;
    if (isHeld(name)) continue;
    unlinkSync(path);
    used -= length;
  }
  return { used };
}

function contentsOf({ dir, now }: RoomBounds): readonly Kept[] {
  const at = now();
  return readdirSync(dir)
    .filter((folder) => /^[0-9a-f]{2}$/.test(folder))
    .flatMap((folder) =>
      readdirSync(join(dir, folder)).flatMap((name): readonly Kept[] => {
        const path = join(dir, folder, name);
        const found = statSync(path, { throwIfNoEntry: false });
        return found === undefined ? [] : [{ name, path, length: found.size, ageMs: at - found.mtimeMs }];
      }),
    );
}
