/** What can be done to a line: the columns of the matrix. */
export const faultNames = [
  'bridge killed',
  'bridge stopped',
  'clock jumps',
  'broker killed',
  'broker frozen',
  'network faults',
  'disk full',
  'files damaged',
] as const;
export type FaultName = (typeof faultNames)[number];
