import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** `npm run soak -- --minutes N --rate N`: runs the soak test for so long, at so many events a second; by default 20 and 120. */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '20' }, rate: { type: 'string', default: '120' } },
});
const root = join(import.meta.dirname, '..');
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/soak'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FEEDFERRY_SOAK_MINUTES: values.minutes, FEEDFERRY_SOAK_RATE: values.rate },
});
process.exitCode = status ?? 1;
