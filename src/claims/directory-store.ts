import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Claim, ClaimStore, DirectoryClaims } from '../core/claims.ts';
import { BridgeError } from '../core/errors.ts';
import { contentName } from './content-name.ts';
import { attempt, codeOf, incoming } from './directory-files.ts';
import { makeRoom, type Room } from './directory-room.ts';
import { type Hashed, hashed } from './hashed.ts';

/** Of this process: what others have left there is of a bridge that is gone. */
const own = randomBytes(8).toString('hex');
let files = 0;

export interface DirectoryOptions extends Omit<DirectoryClaims, 'kind'> {
  /** Milliseconds since the epoch. */
  now(): number;
}

/**
 * A content is the file `DIR/XX/NAME`, XX being the first two characters of its name. It is written aside, fsynced and
 * renamed, so that whatever stands by such a name is whole. Deletes what was last put longer ago than `keepMs`, and above
 * `maxBytes` the oldest, though nothing younger than an hour. Rejects with CLAIMS_UNWRITABLE.
 */
export async function openDirectoryStore({ dir, refs, keepMs, maxBytes, now }: DirectoryOptions): Promise<ClaimStore> {
  const aside = join(dir, incoming);
  await attempt(dir, async () => {
    await mkdir(aside, { recursive: true });
    for (const name of await readdir(aside)) {
      if (!name.startsWith(own)) await rm(join(aside, name), { force: true });
    }
  });
  const held = new Map<string, number>();
  const bounds = { dir, keepMs, maxBytes, now, isHeld: (name: string) => held.has(name) };
  let room: Room = await attempt(dir, async () => makeRoom(bounds, 0));

  /** Whether it is there already, and is now as young as if it had just been written. */
  async function refresh(path: string): Promise<boolean> {
    const at = new Date(now());
    try {
      await utimes(path, at, at);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  async function keep(written: string, { sha256, length }: Hashed, mediaType: string): Promise<Claim> {
    const name = contentName(sha256, mediaType);
    const folder = join(dir, name.slice(0, 2));
    const path = join(folder, name);
    // From here on nothing deletes it.
    held.set(name, (held.get(name) ?? 0) + 1);
    try {
      if (await refresh(path)) return { ref: `${refs}${name}`, sha256, length };
      if (room.used + length > maxBytes) room = makeRoom(bounds, length);
      if (room.used + length > maxBytes) {
        throw new BridgeError(
          'CLAIMS_FULL',
          `${dir} has ${room.used} of ${maxBytes} bytes, and ${length} more are to come`,
        );
      }
      const made = await mkdir(folder, { recursive: true });
      await rename(written, path);
      await syncFolder(folder);
      if (made !== undefined) await syncFolder(dir);
      room.used += length;
      return { ref: `${refs}${name}`, sha256, length };
    } finally {
      const holders = (held.get(name) ?? 1) - 1;
      if (holders === 0) held.delete(name);
      else held.set(name, holders);
    }
  }

  const timer = setInterval(() => {
    try {
      room = makeRoom(bounds, 0);
    } catch {
      // Shows at the next content.
    }
  }, 3_600_000).unref();

  return {
    async put(content, mediaType, signal) {
      const path = join(aside, `${own}-${++files}`);
      const measured = hashed(content);
      try {
        const file = await attempt(dir, () => open(path, 'wx'));
        try {
          for await (const chunk of measured) {
            signal.throwIfAborted();
            await attempt(dir, () => writeAll(file, chunk));
          }
          await attempt(dir, () => file.sync());
        } finally {
          await file.close();
        }
        return await attempt(dir, () => keep(path, measured, mediaType));
      } finally {
        await rm(path, { force: true }).catch(() => {});
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
    },
  };
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
}

/** A name is durable when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
