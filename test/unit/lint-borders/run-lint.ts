import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

export const root = resolve(import.meta.dirname, '..', '..', '..');

const Report = z.object({
  diagnostics: z.array(
    z.object({
      category: z.string(),
      location: z.object({ path: z.string(), start: z.object({ line: z.number() }) }),
    }),
  ),
});

export interface Finding {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
}

/** What the linter finds in a folder. */
export async function lint(dir: string, ...args: readonly string[]): Promise<readonly Finding[]> {
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const command = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', ...args];
  // A finding is an exit code of 1, and still a report.
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    cwd: dir,
    maxBuffer: 64 * 1024 ** 2,
  }).catch((error: { readonly stdout: string }) => error);
  return Report.parse(JSON.parse(stdout)).diagnostics.map(({ category, location }) => ({
    rule: category,
    path: location.path,
    line: location.start.line,
  }));
}

/** Lints files that are nowhere but in a temporary folder, by this project's rules. */
export async function lintPlanted(files: ReadonlyMap<string, readonly string[]>): Promise<readonly Finding[]> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-lint-'));
  try {
    for (const name of ['biome.json', '.gitignore']) await copyFile(join(root, name), join(dir, name));
    for (const [path, lines] of files) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), lines.map((line) => `${line}\n`).join(''));
    }
    return await lint(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
