import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generatedFiles } from './generate/files.ts';

/*
 * Writes what is generated from the sources: `node tools/generate.ts`.
 * With `--check` nothing is written; a file that is not as it would be generated is named, and the exit code is 1.
 */

const root = join(import.meta.dirname, '..');
const checkOnly = process.argv.includes('--check');

for (const { path, content } of generatedFiles()) {
  const file = join(root, path);
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present === content) continue;
  if (checkOnly) {
    console.error(`${path} is ${present === undefined ? 'missing' : 'out of date'}: run node tools/generate.ts`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    console.log(`wrote ${path}`);
  }
}
