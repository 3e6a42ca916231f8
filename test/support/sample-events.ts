import type { Batch } from '../../src/core/batch.ts';
import { createEnvelope, type Envelope } from '../../src/core/envelope.ts';
import { BridgeError } from '../../src/core/errors.ts';
import type { Normalise } from '../../src/core/normalise.ts';
import type { RawRecord } from '../../src/core/record.ts';

/** An event whose lane at the fake sink is `lane`. */
export function sampleEvent(id: string, lane = 'lane'): Envelope {
  return createEnvelope(
    {
      specversion: '1.0',
      id,
      source: '/sample',
      type: 'com.example.sample',
      datacontenttype: 'application/json',
      partitionkey: lane,
    },
    { kind: 'json', bytes: Buffer.from(JSON.stringify({ id })) },
  );
}

/** Bodies are `id@lane`, or `id` alone; `!…` is poison and `-…` is filtered. */
export function sampleRecord(body: string): RawRecord {
  return {
    bytes: Buffer.from(body),
    mediaType: 'text/plain',
    headers: {},
    receivedAt: new Date('2026-01-02T03:04:05Z'),
  };
}

/** Reads what `sampleRecord` makes. */
export const sampleNormalise: Normalise = (record, { batchId, index }) => {
  const body = Buffer.from(record.bytes).toString();
  if (body.startsWith('!')) {
    const error = new BridgeError('RECORD_MALFORMED', `record ${index} of batch ${batchId} is ${body}`);
    return [{ kind: 'poison', error }];
  }
  if (body.startsWith('-')) return [{ kind: 'filtered', step: 'sample' }];
  const [id = '', lane] = body.split('@');
  return [{ kind: 'event', envelope: sampleEvent(id, lane) }];
};

/** A batch that writes down what is done to it. `ack` works unless it is replaced. */
export interface SampleBatch extends Batch {
  readonly calls: string[];
}

export function sampleBatch(
  upstreamId: string | undefined,
  bodies: readonly string[],
  ack: (signal: AbortSignal) => Promise<void> = async () => {},
  calls: string[] = [],
): SampleBatch {
  const records = bodies.map(sampleRecord);
  return {
    feed: 'sample/feed',
    ...(upstreamId !== undefined && { upstreamId }),
    bytes: records.reduce((sum, { bytes }) => sum + bytes.length, 0),
    records,
    calls,
    ack(signal) {
      calls.push(`ack ${upstreamId}`);
      return ack(signal);
    },
    async nack(error) {
      calls.push(`nack ${upstreamId} ${error.code}`);
    },
  };
}
