import type { Verdict } from './judge.ts';

/** What the verdict has to be, whatever was killed. */
export const innocent: Omit<Verdict, 'doubled'> = {
  open: [],
  lost: [],
  alien: [],
  reordered: [],
  scattered: [],
  early: [],
  altered: [],
};
