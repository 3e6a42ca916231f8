import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const dir = join(import.meta.dirname, '../results');

/** Keeps the result of a benchmark under its name, in place of the former one. */
export async function saveResult(name: string, result: object): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}
