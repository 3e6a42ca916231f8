import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printedMatrix } from './crash/printed-matrix.ts';
import { type CrashResult, crashResultFile, withRun } from './crash/result.ts';
import { jsonText } from './generate/json-text.ts';

/*
 * `npm run test:crash -- --kills N --line text --fault text --seed N --full --keep`: runs the crash laboratory and prints what
 * came of it. With --keep, the cells that ran take the place of what docs/crash-laboratory.json has of them.
 */

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    line: { type: 'string', default: '' },
    fault: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    full: { type: 'boolean', default: false },
    /** Only those cells that a run of all tests with this seed has. */
    ci: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const { kills, line, fault, seed, full, ci, keep } = values;

/** Of the name of a test: `line | fault | promise`. */
function namePattern(): string {
  const literally = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return `${literally(line)}[^|]*\\|[^|]*${literally(fault)}[^|]*\\|`;
}

const root = join(import.meta.dirname, '..');
const dir = mkdtempSync(join(tmpdir(), 'feedferry-crash-run-'));
try {
  const figures = join(dir, 'figures');
  writeFileSync(figures, '');
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', 'test/crash/laboratory', '-t', namePattern()],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        FEEDFERRY_SEED: seed,
        FEEDFERRY_CRASH_FIGURES: figures,
        ...(!ci && { FEEDFERRY_CRASH: 'all' }),
        ...(full && { FEEDFERRY_FULL: '1' }),
        ...(kills !== undefined && { FEEDFERRY_CRASH_KILLS: kills }),
      },
    },
  );
  const rows = readFileSync(figures, 'utf8').split('\n').filter(Boolean);
  const options = [
    ...(line ? [`--line '${line}'`] : []),
    ...(fault ? [`--fault '${fault}'`] : []),
    ...(full ? ['--full'] : []),
    ...(ci ? ['--ci'] : []),
    ...(kills ? [`--kills ${kills}`] : []),
  ];
  const result: CrashResult = {
    command: ['npm run test:crash --', ...options, `--seed ${seed}`].join(' '),
    cells: rows.map((row) => JSON.parse(row) as CrashResult['cells'][number]),
  };
  console.log(printedMatrix(result));
  if (keep) {
    const file = join(root, crashResultFile);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as CrashResult;
    writeFileSync(file, jsonText(withRun(kept, result)));
  }
  process.exitCode = status ?? 1;
} finally {
  rmSync(dir, { recursive: true });
}
