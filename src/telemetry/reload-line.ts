import type { Finding } from '../core/finding.ts';
import { sentence } from './error-text.ts';
import type { TelemetryEvent } from './events.ts';
import type { LogLine } from './log-line.ts';

/** All that was found, in one line. */
export function findingTexts(findings: readonly Finding[]): string {
  return findings
    .map((finding) => {
      const hint = finding.severity === 'ok' || finding.hint === undefined ? '' : ` ${finding.hint}`;
      const code = finding.severity === 'ok' ? '' : `${finding.code}  `;
      return `${finding.subject}  ${code}${sentence(finding.message)}${hint}`;
    })
    .join(' | ');
}

type Reloaded = Extract<TelemetryEvent, { event: 'config.reloaded' }>;

/** What the log says of a reload that was applied. */
export function reloadedLine({ trigger, added, changed, removed, kept, failed, ms }: Reloaded): LogLine {
  const parts = [
    ...(added.length === 0 ? [] : [`added ${added.join(', ')}`]),
    ...(changed.length === 0 ? [] : [`changed ${changed.join(', ')}`]),
    ...(removed.length === 0 ? [] : [`removed ${removed.join(', ')}`]),
  ];
  if (parts.length === 0) return { level: 'info', message: `${trigger}: the configuration is the same; nothing to do` };
  const rest = kept.length === 0 ? '' : `; not touched: ${kept.join(', ')}`;
  const done = `${trigger}: reloaded in ${Math.round(ms)} ms: ${parts.join('; ')}${rest}`;
  if (failed.length === 0) return { level: 'info', message: done };
  return { level: 'error', message: `${done}. Failed: ${findingTexts(failed)}` };
}
