import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** `npm run soak -- --minutes N`: runs the soak test for so long; 20 minutes by default. */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '20' } } });
const root = join(import.meta.dirname, '..');
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/soak'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FEEDFERRY_SOAK_MINUTES: values.minutes },
});
process.exitCode = status ?? 1;
