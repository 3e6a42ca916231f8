import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * Which of a union's forms the author of the file meant: one of the right kind, then the one with the fewest faults,
 * then the one that knows more of its keys. Undefined when the value is of another kind than all of them.
 */
export function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const sameKind = branches.filter((issues) => !issues.some(isAboutTheWhole));
  return sameKind.toSorted((a, b) => faults(a) - faults(b) || unknown(a) - unknown(b))[0];
}

function isAboutTheWhole(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function faults(issues: readonly Issue[]): number {
  let count = 0;
  for (const issue of issues) count += issue.code === 'unrecognized_keys' ? issue.keys.length : 1;
  return count;
}

function unknown(issues: readonly Issue[]): number {
  return faults(issues.filter(({ code }) => code === 'unrecognized_keys'));
}
