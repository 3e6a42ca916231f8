import { readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Flips bits of a file, or cuts it off. Gives what it did, in words. */
export async function damage(file: string, roll: () => number): Promise<string> {
  const bytes = await readFile(file);
  if (roll() < 0.5) {
    const length = Math.floor(roll() * bytes.length);
    await truncate(file, length);
    return `cut off at ${length} of ${bytes.length} bytes`;
  }
  const bits = 16;
  for (let n = 0; n < bits; n += 1) {
    const at = Math.floor(roll() * bytes.length);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << Math.floor(roll() * 8)), at);
  }
  await writeFile(file, bytes);
  return `${bits} bits flipped`;
}

/** What an operator does who is told that a database is damaged: keeps it, with what belongs to it, under another name. */
export async function moveAway(dir: string, name: string): Promise<void> {
  const files = (await readdir(dir)).filter((file) => file.startsWith(name));
  await Promise.all(files.map((file) => rename(join(dir, file), join(dir, `damaged-${file}`))));
}
