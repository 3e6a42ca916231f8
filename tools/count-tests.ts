import { readFileSync } from 'node:fs';
import { z } from 'zod';

/*
 * Counts what a run of vitest did: `node tools/count-tests.ts REPORT.json [STEP …]`. The report is that of its JSON
 * reporter; each STEP is something else that failed, and is counted too. Prints every skipped test, and last
 * `N passed, N failed`; the exit code is 0 when nothing failed. A skipped test counts as failed, unless its
 * `meta.mayBeSkipped` says why some machines cannot run it. So does a file that cannot be loaded, or a missing report.
 */

const Test = z.object({
  fullName: z.string(),
  status: z.string(),
  meta: z.object({ mayBeSkipped: z.string().optional() }).optional(),
});
const File = z.object({ name: z.string(), status: z.string(), assertionResults: z.array(Test) });
const Report = z.object({ success: z.boolean(), testResults: z.array(File).min(1) });

type Test = z.infer<typeof Test>;
type File = z.infer<typeof File>;

function isTolerated({ status, meta }: Test): boolean {
  return status !== 'failed' && meta?.mayBeSkipped !== undefined;
}

function failuresIn({ status, assertionResults }: File): number {
  const failed = assertionResults.filter((test) => test.status !== 'passed' && !isTolerated(test));
  return status === 'failed' ? Math.max(failed.length, 1) : failed.length;
}

/** Undefined: the tests have not run to their end. */
function read(file: string): z.infer<typeof Report> | undefined {
  try {
    return Report.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    console.log(`there is no report of the tests: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

const [file = '', ...steps] = process.argv.slice(2);
const report = read(file);
const tests = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
for (const test of tests) {
  if (test.status === 'passed' || test.status === 'failed') continue;
  const excuse = isTolerated(test) ? `may be: ${test.meta?.mayBeSkipped}` : 'counts as failed';
  console.log(`${test.status}, ${excuse}: ${test.fullName}`);
}

const passed = tests.filter(({ status }) => status === 'passed').length;
const failedTests = report?.testResults.reduce((sum, result) => sum + failuresIn(result), 0) ?? 0;
// That vitest failed is told by its tests, unless something else went wrong, such as an error that nobody caught.
const others = steps.filter((step) => step !== 'tests' || failedTests === 0);
for (const step of others) console.log(`failed: ${step}`);
const silent = failedTests + others.length === 0 && !report?.success ? 1 : 0;
const failed = failedTests + others.length + silent;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
