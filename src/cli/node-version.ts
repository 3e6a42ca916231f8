/*
 * Older ones cannot parse this program, or cut a text off at its first NUL when node:sqlite reads it. They have to parse
 * this file and main.ts, though, to say so: no new syntax here, and no import that needs it.
 */

/** What package.json names under `engines`, for people. */
export const neededNode = 'Node.js 24.17 or newer, or 26.1 or newer';

/** `version` is that of Node.js, such as 26.10.0. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 24) return minor >= 17;
  if (major === 26) return minor >= 1;
  return major > 26;
}
