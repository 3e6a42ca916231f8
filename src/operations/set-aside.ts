import { type DeadLetter, deadLetterId } from '../core/dead-letter.ts';
import { BridgeError } from '../core/errors.ts';
import type { DeadLetters } from '../core/state.ts';
import { completeBatch } from './complete-batch.ts';
import { type FoundBatch, findOpenBatch, type Upstream } from './upstream-call.ts';

export interface SetAsideOptions {
  readonly reason: string;
  /** For a batch that cannot be read and does not name itself. */
  readonly batchId?: string;
}

/** The id to complete: the batch's own, and only where it has none the operator's. They must not contradict each other. */
function idOf({ feed }: Upstream, found: FoundBatch, given: string | undefined): string {
  if (found.batchId !== undefined && given !== undefined && found.batchId !== given) {
    throw new BridgeError('NOT_FOUND', `the open batch of ${feed} is ${found.batchId}, not ${given}`, {
      hint: 'Nothing was changed. Leave --batch-id out to set the open batch aside.',
    });
  }
  const batchId = found.batchId ?? given;
  if (batchId !== undefined) return batchId;
  throw new BridgeError('BATCH_UNREADABLE', `the open batch of ${feed} cannot be read and names no id`, {
    hint: 'Nothing was changed. Ask the upstream for the id of the batch, and give it with --batch-id.',
  });
}

function toDeadLetter({ definition, feed }: Upstream, { response }: FoundBatch, batchId: string, reason: string) {
  const bytes = response.body;
  const letter: DeadLetter = {
    id: deadLetterId(definition.source, batchId, 0, bytes),
    feed,
    status: 'open',
    source: definition.source,
    code: 'BATCH_SET_ASIDE',
    reason,
    stage: 'operator',
    attempts: 1,
    batchId,
    index: 0,
    record: {
      bytes,
      mediaType: response.headers['content-type'] ?? 'application/octet-stream',
      // The rest of them may hold cookies, or echo what was sent to prove who we are.
      headers: {},
      receivedAt: response.receivedAt,
    },
    envelope: null,
    firstAt: response.receivedAt,
    lastAt: new Date(),
  };
  return letter;
}

/**
 * Puts the open batch into the dead letters, as one record, has it copied, and only when it is durable there completes it
 * upstream.
 */
export async function setBatchAside(
  upstream: Upstream,
  deadLetters: DeadLetters,
  copy: (letter: DeadLetter) => Promise<void>,
  options: SetAsideOptions,
): Promise<{ readonly batchId: string; readonly deadLetterId: string }> {
  if (upstream.protocol.complete === undefined) {
    throw new BridgeError('FEED_NOT_CAPABLE', `${upstream.feed} is read by position: there is no batch to complete`, {
      hint: `Move the position on with: feedferry cursor set ${upstream.feed} POSITION --reason …`,
    });
  }
  const found = await findOpenBatch(upstream);
  if (found === undefined)
    throw new BridgeError('NOT_FOUND', `${upstream.feed} is empty: there is nothing to set aside`, {
      hint: 'Nothing was changed.',
    });
  const batchId = idOf(upstream, found, options.batchId);
  const letter = toDeadLetter(upstream, found, batchId, options.reason);
  await deadLetters.add([letter]);
  await copy(letter);
  await completeBatch(upstream, found, batchId);
  return { batchId, deadLetterId: letter.id };
}
