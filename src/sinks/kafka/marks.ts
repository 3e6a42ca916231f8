import { BridgeError } from '../../core/errors.ts';

/**
 * All marks are in the first partition, however many the topic has: with a partition chosen by key they would be looked
 * for in the wrong one as soon as somebody adds partitions.
 */
export const marksPartition = 0;

const version = 1;

/** The last word of a transactional id, written in the same transaction as the events. */
export interface Mark {
  /** Of the batch; undefined while there has been none. */
  readonly mark: string | undefined;
  /** Who has written it: differs between any two openings of a sink. */
  readonly owner: string;
}

export function encodeMark({ mark, owner }: Mark): Buffer {
  return Buffer.from(JSON.stringify({ version, mark: mark ?? null, owner }));
}

/** Throws MARK_UNREADABLE for what this version of the bridge has not written. */
export function readMark(value: Buffer, transactionalId: string): Mark {
  const found = parse(value);
  const { mark, owner } = found;
  if (found.version === version && typeof owner === 'string' && (mark === null || typeof mark === 'string')) {
    return { mark: mark ?? undefined, owner };
  }
  throw new BridgeError('MARK_UNREADABLE', `the mark of ${transactionalId} is not of a kind that is known here`);
}

function parse(value: Buffer): { readonly [name: string]: unknown } {
  try {
    const parsed: unknown = JSON.parse(value.toString());
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
