import type { SQLInputValue } from 'node:sqlite';
import type { DeadLetterFilter } from '../core/state.ts';

/** What a filter chooses, for SQL. Its index has all that it asks for, so that no bytes of those left out are read. */
export interface Choice {
  /** `FROM … WHERE …` */
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

const notClosed = ['open', 'parked'] as const;

/** `afterSeq`: the row after which it begins. */
export function choiceOf(filter: Omit<DeadLetterFilter, 'limit' | 'after'>, afterSeq?: number): Choice {
  const { feed, code, stage, status = notClosed, since, until } = filter;
  const conditions: [string, readonly SQLInputValue[]][] = [
    [`status IN (${status.map(() => '?').join(', ')})`, status],
  ];
  if (feed !== undefined) conditions.push(['feed = ?', [feed]]);
  if (code !== undefined) conditions.push(['code = ?', [code]]);
  if (stage !== undefined) conditions.push(['stage = ?', [stage]]);
  if (since !== undefined) conditions.push(['last_at >= ?', [since.getTime()]]);
  if (until !== undefined) conditions.push(['last_at < ?', [until.getTime()]]);
  if (afterSeq !== undefined) conditions.push(['seq > ?', [afterSeq]]);
  return {
    sql: `FROM dead_letters INDEXED BY dead_letters_by_status WHERE ${conditions.map(([text]) => text).join(' AND ')}`,
    values: conditions.flatMap(([, values]) => values),
  };
}
