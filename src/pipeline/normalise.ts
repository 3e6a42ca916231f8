import type { Batch } from '../core/batch.ts';
import type { Envelope } from '../core/envelope.ts';
import { BridgeError, type ErrorCode, errorCatalogue } from '../core/errors.ts';
import type { Normalise } from '../core/normalise.ts';
import { type RawRecord, refusedMark } from '../core/record.ts';

/** An event of a batch, with the record that it came from. */
export interface NormalisedEvent {
  readonly envelope: Envelope;
  readonly index: number;
}

/** A record that was refused, at `index` of its batch. */
export interface PoisonRecord {
  readonly index: number;
  readonly stage: 'normalise' | 'step';
  readonly error: BridgeError;
  /** Its source refuses it, for where it came in: no sign that the upstream has changed its format. */
  readonly bySource?: true;
  /** Of an event that the condition of one destination fails on: the others may get it. */
  readonly at?: { readonly destination: string | undefined; readonly event: NormalisedEvent };
}

export interface NormalisedBatch {
  readonly events: readonly NormalisedEvent[];
  readonly poison: readonly PoisonRecord[];
  readonly filtered: number;
}

/** What the source says of a record that it refuses. */
function refusalOf({ headers }: RawRecord): BridgeError | undefined {
  const mark = headers[refusedMark];
  if (mark === undefined) return undefined;
  const space = mark.indexOf(' ');
  const code = mark.slice(0, space);
  const known = Object.hasOwn(errorCatalogue, code) ? (code as ErrorCode) : 'RECORD_INVALID';
  return new BridgeError(known, mark.slice(space + 1));
}

/** Step 2: makes events of a batch's records, in order. */
export function normaliseBatch(batch: Batch, normalise: Normalise): NormalisedBatch {
  const events: NormalisedEvent[] = [];
  const poison: PoisonRecord[] = [];
  let filtered = 0;
  const { upstreamId: batchId, offset = 0 } = batch;
  batch.records.forEach((record, index) => {
    const refusal = refusalOf(record);
    if (refusal) {
      poison.push({ index, error: refusal, stage: 'normalise', bySource: true });
      return;
    }
    for (const outcome of normalise(record, { batchId, index: offset + index })) {
      switch (outcome.kind) {
        case 'event':
          events.push({ envelope: outcome.envelope, index });
          break;
        case 'poison':
          poison.push({ index, error: outcome.error, stage: 'normalise' });
          break;
        case 'filtered':
          filtered++;
      }
    }
  });
  return { events, poison, filtered };
}
