import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The lines of a file, or of all files of a folder in order of their names. */
export async function readLines(path: string): Promise<readonly string[]> {
  const isFolder = (await stat(path)).isDirectory();
  const files = isFolder ? (await readdir(path)).toSorted().filter((name) => name.endsWith('.ndjson')) : [''];
  const texts = await Promise.all(files.map((file) => readFile(join(path, file), 'utf8')));
  return texts.join('').split('\n').slice(0, -1);
}
