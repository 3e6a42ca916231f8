declare module 'vitest' {
  interface TaskMeta {
    /** Why this test may be missing from a run in CI, where any other skipped test counts as failed. */
    mayBeSkipped?: string;
  }
}

/** For the options of a suite or a test that some machines cannot run, whatever is installed on them. */
export function mayBeSkipped(reason: string): { readonly meta: { readonly mayBeSkipped: string } } {
  return { meta: { mayBeSkipped: reason } };
}
