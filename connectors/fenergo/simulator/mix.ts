/** Shuffles the 32-bit numbers: unequal ones stay unequal, and neighbours look unrelated. */
export function mix(value: number): number {
  let n = value | 0;
  n = Math.imul(n ^ (n >>> 16), 0x7feb352d);
  n = Math.imul(n ^ (n >>> 15), 0x846ca68b);
  return (n ^ (n >>> 16)) >>> 0;
}

/** A row of numbers from 0 to 1 that depends on the seed alone. */
export function dice(seed: number): () => number {
  let throws = seed;
  return () => mix(throws++) / 2 ** 32;
}

export function hex8(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
