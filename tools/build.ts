import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Compiles src and connectors to plain JavaScript, for the package and the image: `node tools/build.ts [OUT]`.
 * OUT, by default dist, is deleted first.
 */
const root = join(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, 'dist'));
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

rmSync(out, { recursive: true, force: true });
execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', out], {
  cwd: root,
  stdio: 'inherit',
});
chmodSync(join(out, 'src', 'main.js'), 0o755);
