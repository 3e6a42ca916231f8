import type { Stored } from './stored.ts';

/**
 * A clean run has each event that was sent, or answered with success, once, and those of a key in order. `sent`: their numbers
 * are those below it. Throws when that is not so.
 */
export function verifyStored(name: string, stored: Stored, sent: number): void {
  const seen = new Set<number>();
  for (const [key, numbers] of stored) {
    let last = -1;
    for (const number of numbers) {
      if (number <= last) throw new Error(`${name}: of ${key}, event ${number} is stored after ${last}`);
      last = number;
      seen.add(number);
    }
  }
  const count = stored.values().reduce((sum, { length }) => sum + length, 0);
  const missing = Array.from({ length: sent }, (_, number) => number).filter((number) => !seen.has(number));
  if (missing.length > 0) throw new Error(`${name}: ${missing.length} of ${sent} are lost, the first is ${missing[0]}`);
  if (count !== sent) throw new Error(`${name}: ${sent} were sent, and ${count} are stored`);
}
