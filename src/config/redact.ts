import type { Finding } from '../core/finding.ts';

const mask = '[secret]';
/** Shorter values are in every text by chance, and no secrets. */
const shortest = 4;

/**
 * The last line of defence: a schema's own words may repeat a value that came from a reference, because a text field
 * takes it like all text.
 */
export function hideSecrets(findings: readonly Finding[], secrets: Iterable<string>): readonly Finding[] {
  // The longest first: one may be a part of another.
  const values = [...secrets].filter((value) => value.length >= shortest).toSorted((a, b) => b.length - a.length);
  const hide = (text: string): string => values.reduce((hidden, value) => hidden.replaceAll(value, mask), text);
  return findings.map((finding) => {
    const message = hide(finding.message);
    if (finding.severity === 'ok' || finding.hint === undefined) return { ...finding, message };
    return { ...finding, message, hint: hide(finding.hint) };
  });
}
