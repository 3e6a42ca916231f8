import type { FeedName } from './batch.ts';
import { digestId, sha256hex } from './digest.ts';
import { createEnvelope, type Envelope } from './envelope.ts';
import type { ErrorCode } from './errors.ts';
import type { RawRecord } from './record.ts';

/**
 * Where in its life a record was set aside. `operator`: by the command `set-aside`. `parked`: nothing is wrong with it, but
 * its key is parked.
 */
export const deadLetterStages = ['normalise', 'step', 'publish', 'operator', 'parked'] as const;
export type DeadLetterStage = (typeof deadLetterStages)[number];

/**
 * `open`: it waits for an operator. `parked`: so does all that follows it with its key, at its destination. `redriven`: it
 * was published after all; `discarded`: an operator gave it up. What is closed is never opened again.
 */
export const deadLetterStatuses = ['open', 'parked', 'redriven', 'discarded'] as const;
export type DeadLetterStatus = (typeof deadLetterStatuses)[number];

/** A record that could not be delivered, with all that is needed to understand it and to send it again. */
export interface DeadLetter {
  /** The same record of the same batch always has the same id, or one for each destination where keys are parked. */
  readonly id: string;
  readonly feed: FeedName;
  readonly status: DeadLetterStatus;
  /** CloudEvents `source` of the feed. */
  readonly source: string;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly stage: DeadLetterStage;
  readonly attempts: number;
  /** Upstream's name for the batch; "" where it has none. */
  readonly batchId: string;
  /** Position in the batch, from 0. */
  readonly index: number;
  readonly record: RawRecord;
  /** The event in structured mode, when the record had become one. */
  readonly envelope: Uint8Array | null;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** That of its event, when the record had become one. */
  readonly partitionKey?: string;
  /**
   * Ids of other events of the same record, which were not refused: they are not sent again with it. Absent: there are
   * none.
   */
  readonly others?: readonly string[];
  /** `identity` of the one destination that lacks it. Absent: all do, or more than one. */
  readonly destination?: string;
  /** When and why it was redriven or discarded. */
  readonly closedAt?: Date;
  readonly closedReason?: string;
}

/**
 * `id` of the dead letter for record `index` of a batch. With `destination`, its identity: of a letter that is about that
 * one alone, as those of parked keys are, beside what the others refuse.
 */
export function deadLetterId(
  source: string,
  batchId: string,
  index: number,
  bytes: Uint8Array,
  destination?: string,
): string {
  const parts = ['dead-letter', source, batchId, String(index), sha256hex(bytes)];
  return digestId(destination === undefined ? parts : [...parts, destination]);
}

const noEnvelope = Buffer.from('null');

/**
 * The event that tells consumers of a dead letter. Times and headers stay in the local store. Its `envelope` is spliced
 * as it is, so that no number in it is rounded.
 */
export function deadLetterEnvelope(letter: DeadLetter): Envelope {
  const facts = JSON.stringify({
    code: letter.code,
    stage: letter.stage,
    reason: letter.reason,
    attempts: letter.attempts,
    batchid: letter.batchId,
    index: letter.index,
    rawmediatype: letter.record.mediaType,
    raw: Buffer.from(letter.record.bytes).toString('base64'),
  });
  const data = [Buffer.from(`${facts.slice(0, -1)},"envelope":`), letter.envelope ?? noEnvelope, Buffer.from('}')];
  return createEnvelope(
    {
      specversion: '1.0',
      id: letter.id,
      source: `/feedferry${letter.source}`,
      type: 'dev.feedferry.deadletter',
      subject: letter.source,
      datacontenttype: 'application/json',
      partitionkey: letter.source,
    },
    { kind: 'json', bytes: Buffer.concat(data) },
  );
}
