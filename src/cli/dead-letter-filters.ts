import { type Command, InvalidArgumentError, Option } from 'commander';
import type { FeedName } from '../core/batch.ts';
import {
  type DeadLetter,
  type DeadLetterStage,
  type DeadLetterStatus,
  deadLetterStages,
  deadLetterStatuses,
} from '../core/dead-letter.ts';
import { BridgeError, type ErrorCode, errorCatalogue } from '../core/errors.ts';
import type { DeadLetterFilter } from '../core/state.ts';
import type { Operations } from '../operations/operations.ts';
import { feedArgument } from './cli.ts';
import { momentArgument } from './moments.ts';

/** Which dead letters a command is about. */
export interface FilterOptions {
  readonly feed?: FeedName;
  readonly code?: ErrorCode;
  readonly stage?: DeadLetterStage;
  readonly status?: readonly DeadLetterStatus[];
  readonly since?: Date;
  readonly until?: Date;
}

/** Records can be large, and a page travels as one answer. */
const pageSize = 20;

function codeArgument(value: string): ErrorCode {
  if (Object.hasOwn(errorCatalogue, value)) return value as ErrorCode;
  throw new InvalidArgumentError('It is a code such as RECORD_WITHOUT_ID.');
}

function statusArgument(value: string): readonly DeadLetterStatus[] {
  if (value === 'any') return deadLetterStatuses;
  const chosen = deadLetterStatuses.filter((status) => status === value);
  if (chosen.length > 0) return chosen;
  throw new InvalidArgumentError(`It is one of ${deadLetterStatuses.join(', ')}, or any.`);
}

export function addFilters(command: Command): Command {
  return command
    .option('--feed <feed>', 'only of this pipeline/feed', feedArgument)
    .option('--code <code>', 'only with this error code', codeArgument)
    .addOption(new Option('--stage <stage>', 'only what was set aside there').choices(deadLetterStages))
    .option('--since <moment>', 'only what was set aside last from here on: 24h, or 2026-11-22T10:15Z', momentArgument)
    .option('--until <moment>', 'only what was set aside last before', momentArgument);
}

export function addStatus(command: Command): Command {
  const description = `one of ${deadLetterStatuses.join(', ')}, or any; otherwise what is not closed`;
  return command.option('--status <status>', description, statusArgument);
}

export function filterOf(options: FilterOptions): Omit<DeadLetterFilter, 'limit' | 'after'> {
  const { feed, code, stage, status, since, until } = options;
  return {
    ...(feed !== undefined && { feed }),
    ...(code !== undefined && { code }),
    ...(stage !== undefined && { stage }),
    ...(status !== undefined && { status }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

/** All that a filter chooses, oldest first, in pages; they may be closed meanwhile. */
export async function* everyLetter(operations: Operations, options: FilterOptions): AsyncIterable<DeadLetter> {
  let last: DeadLetter | undefined;
  do {
    const after = last === undefined ? {} : { after: last.id };
    const page = await operations.deadLetters({ ...filterOf(options), ...after, limit: pageSize });
    yield* page;
    last = page.length < pageSize ? undefined : page.at(-1);
  } while (last !== undefined);
}

/**
 * Those with these ids, or else those that the filter chooses; everything only when that is said. Rejects with USAGE when
 * it is not clear what is meant.
 */
export async function* chosenLetters(
  operations: Operations,
  ids: readonly string[],
  options: FilterOptions & { readonly all?: true },
): AsyncIterable<DeadLetter> {
  for (const id of ids) yield await operations.deadLetter(id);
  if (ids.length === 0) yield* everyLetter(operations, options);
}

/** To be asked before anything is opened. */
export function refuseUnclear(ids: readonly string[], options: FilterOptions & { readonly all?: true }): void {
  const { status: _status, ...filter } = filterOf(options);
  const isFiltered = Object.keys(filter).length > 0;
  const hint = 'Give ids, or filters such as --feed and --code, or --all.';
  if (ids.length > 0 && (isFiltered || options.all)) {
    throw new BridgeError('USAGE', 'ids and filters do not go together', { hint });
  }
  if (ids.length === 0 && !isFiltered && !options.all) throw new BridgeError('USAGE', 'which dead letters?', { hint });
}
