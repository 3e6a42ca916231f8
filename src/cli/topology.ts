import type { ErrorCode } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';

/** Trouble with what is asked about; any other error leaves open what is there. */
const aboutDestination: ReadonlySet<ErrorCode> = new Set([
  'DESTINATION_MISSING',
  'DESTINATION_MISMATCH',
  'DESTINATION_UNBOUND',
  'DESTINATION_UNWRITABLE',
]);

/**
 * The commands of findings as a shell script, each once: those that create what is missing are run by it. Those that
 * change what is there are comments, for people to decide.
 */
export function topologyScript(findings: readonly Finding[]): readonly string[] {
  const lines = new Set<string>();
  for (const finding of findings) {
    if (finding.severity === 'ok' || finding.command === undefined) continue;
    lines.add(finding.code === 'DESTINATION_MISSING' ? finding.command : `# ${finding.command}`);
  }
  return [...lines];
}

/** Whether the script is all that there is to do, as far as the brokers can tell. */
export function isTopologyKnown(findings: readonly Finding[]): boolean {
  return findings.every((finding) => finding.severity !== 'error' || aboutDestination.has(finding.code));
}
