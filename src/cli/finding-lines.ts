import type { Finding } from '../core/finding.ts';
import { sentence } from '../telemetry/error-text.ts';

const byPlace = new Intl.Collator('en', { numeric: true });

function text(finding: Finding): string {
  if (finding.severity === 'ok') return `ok  ${finding.message}`;
  const hint = finding.hint === undefined ? '' : ` ${finding.hint}`;
  const message = finding.severity === 'warning' ? `warning: ${finding.message}` : finding.message;
  return `${finding.code}  ${sentence(message)}${hint}`;
}

/**
 * `subject  CODE  message hint`, or `subject  ok  message`: sorted by subject, and the subjects in one column. The
 * command that mends it, if there is one, has a line of its own, to be copied.
 */
export function findingLines(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(0, ...findings.map(({ subject }) => subject.length));
  const line = (subject: string, said: string) => `${subject.padEnd(width)}  ${said}`;
  return findings
    .toSorted((a, b) => byPlace.compare(a.subject, b.subject))
    .flatMap((finding) => {
      const command = finding.severity === 'ok' ? undefined : finding.command;
      const first = line(finding.subject, text(finding));
      return command === undefined ? [first] : [first, line('', command)];
    });
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** `1 error, 2 warnings`. */
export function findingCount(findings: readonly Finding[]): string {
  const of = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity).length;
  return `${counted(of('error'), 'error')}, ${counted(of('warning'), 'warning')}`;
}
