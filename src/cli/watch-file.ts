import { readFile } from 'node:fs/promises';
import { sha256hex } from '../core/digest.ts';

const everyMs = 2_000;

/** The digest of a file's content; undefined while it cannot be read, as between two steps of an editor. */
export async function contentDigest(file: string): Promise<string | undefined> {
  const content = await readFile(file).catch(() => undefined);
  return content && sha256hex(content);
}

/**
 * Calls when the content of a file is another than `known` and has been so for two looks, whatever was done to the file:
 * written, replaced, linked elsewhere. Keeps no process alive.
 */
export function watchFile(file: string, known: string | undefined, onChange: () => void, ms = everyMs): Disposable {
  let told = known;
  let before = known;
  let stopped = false;

  async function look(): Promise<void> {
    const now = await contentDigest(file);
    if (stopped) return;
    if (now !== undefined && now === before && now !== told) {
      told = now;
      onChange();
    }
    before = now;
  }

  let looking = false;
  const timer = setInterval(async () => {
    if (looking) return;
    looking = true;
    await look();
    looking = false;
  }, ms).unref();
  return {
    [Symbol.dispose]() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
