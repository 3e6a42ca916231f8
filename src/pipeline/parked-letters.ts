import type { Batch } from '../core/batch.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { digestId, sha256hex } from '../core/digest.ts';
import { encodeStructured } from '../core/envelope.ts';
import { BridgeError } from '../core/errors.ts';
import { atDestination } from './destination.ts';
import type { NormalisedEvent } from './normalise.ts';
import type { Settlement } from './publisher.ts';
import type { Share } from './route.ts';

/** What is parked is one event at one destination, unlike other dead letters, which are whole records. */
function parkedId(batch: Batch, source: string, destination: string, event: NormalisedEvent) {
  const { upstreamId = '', offset = 0, records } = batch;
  const { envelope, index } = event;
  const bytes = records[index]?.bytes ?? new Uint8Array();
  return digestId([
    'parked',
    source,
    upstreamId,
    String(offset + index),
    sha256hex(bytes),
    destination,
    envelope.attributes.id,
    envelope.attributes.partitionkey,
  ]);
}

/** The ids that the events of a batch have, or would have, once they are parked. */
export function parkedIds(batch: Batch, source: string, shares: readonly Share[]): readonly string[] {
  return shares.flatMap(({ destination, events }) =>
    events.map((event) => parkedId(batch, source, destination.identity, event)),
  );
}

const behind = new BridgeError('KEY_PARKED', 'another event of its key was set aside before');

/** Of an event that parks its key, or waits behind it. */
export function parkedLetter(
  batch: Batch,
  source: string,
  { destination }: Share,
  event: NormalisedEvent,
  settlement: Exclude<Settlement, { readonly status: 'confirmed' }>,
): DeadLetter {
  const { envelope, index } = event;
  const record = batch.records[index];
  if (!record) throw new BridgeError('INTERNAL', `batch ${batch.upstreamId} has no record ${index}`);
  const isRefused = settlement.status === 'poison';
  const { code, message } = atDestination(isRefused ? settlement.error : behind, destination.name);
  const at = new Date();
  return {
    id: parkedId(batch, source, destination.identity, event),
    feed: batch.feed,
    status: 'parked',
    source,
    code,
    reason: message,
    stage: isRefused ? 'publish' : 'parked',
    attempts: isRefused ? settlement.attempts : 0,
    batchId: batch.upstreamId ?? '',
    index: (batch.offset ?? 0) + index,
    record,
    envelope: encodeStructured(envelope),
    firstAt: at,
    lastAt: at,
    partitionKey: envelope.attributes.partitionkey,
    destination: destination.identity,
  };
}
