import { randomUUID } from 'node:crypto';
import type { FeedName } from '../../../src/core/batch.ts';
import { createEnvelope, type Envelope } from '../../../src/core/envelope.ts';

const batchSize = 20;
const lanesPerFeed = 5;
const dataBytes = 300;

export interface StreamBatch {
  readonly envelopes: readonly Envelope[];
  /** The id of the one that the broker is to refuse. */
  readonly poison: string | undefined;
}

function makeEvent(partitionkey: string, bytes: number): Envelope {
  return createEnvelope(
    {
      specversion: '1.0',
      id: randomUUID(),
      source: '/network',
      type: 'com.example.network.happened',
      datacontenttype: 'application/json',
      partitionkey,
    },
    { kind: 'json', bytes: Buffer.from(JSON.stringify('x'.repeat(bytes))) },
  );
}

/** Events over some lanes in turn; with `poisonBytes`, one in the midst of one of the lanes is so large. `run`: unique. */
export function makeBatch(run: string, feed: FeedName, poisonBytes?: number): StreamBatch {
  const poisoned = poisonBytes === undefined ? -1 : batchSize / 2;
  const envelopes = Array.from({ length: batchSize }, (_, at) =>
    makeEvent(`${run}-${feed}-${at % lanesPerFeed}`, at === poisoned ? (poisonBytes ?? 0) : dataBytes),
  );
  return { envelopes, poison: envelopes[poisoned]?.attributes.id };
}
