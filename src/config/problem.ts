import type { ErrorCode } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { Path, Position } from './node.ts';

/** Something wrong at one place of the file. */
export interface Problem {
  readonly at: Position;
  readonly code: ErrorCode;
  /** What is wrong, as a sentence. Never shows a secret. */
  readonly message: string;
  /** What to do, as a sentence; undefined when the message says it already. */
  readonly hint: string | undefined;
}

/** Takes problems as they are found, in any order. */
export type Refuse = (problem: Problem) => void;

/** `pipelines.fenergo.to.topic`, `feeds[2]`; a readable name for a place. */
export function placeName(path: Path): string {
  if (path.length === 0) return 'The file';
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

/** In the order of the file, without repeats. */
export function toFindings(file: string, problems: readonly Problem[]): readonly Finding[] {
  const seen = new Set<string>();
  return problems
    .toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column || a.code.localeCompare(b.code))
    .map(({ at, code, message, hint }) => ({
      severity: 'error' as const,
      subject: `${file}:${at.line}:${at.column}`,
      code,
      message,
      hint,
    }))
    .filter(({ subject, message }) => {
      const isNew = !seen.has(`${subject} ${message}`);
      seen.add(`${subject} ${message}`);
      return isNew;
    });
}
