import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Prints `N passed, N failed` from a vitest JSON report; in CI a skipped test counts as a failed one. */
const Report = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  numFailedTestSuites: z.number(),
  testResults: z.array(
    z.object({ name: z.string(), assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) }),
  ),
});

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node tools/count-tests.ts REPORT.json');
const report = Report.parse(JSON.parse(readFileSync(file, 'utf8')));
for (const { name, assertionResults } of report.testResults) {
  for (const { status, fullName } of assertionResults) {
    if (status !== 'passed' && status !== 'failed') console.log(`${status}: ${name}: ${fullName}`);
  }
}
const notRun = report.numPendingTests + report.numTodoTests;
// A file that does not even load has no tests to count.
const failed = Math.max(report.numFailedTests, report.success ? 0 : 1) + notRun;
console.log(`${report.numPassedTests} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
