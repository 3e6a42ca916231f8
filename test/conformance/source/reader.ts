import type { Batch } from '../../../src/core/batch.ts';
import type { Source } from '../../../src/core/source.ts';

/** Asks a source for batches, one by one. */
export interface Reader {
  /** The next batch; undefined when the source has ended. Rejects with what it throws. */
  next(): Promise<Batch | undefined>;
  stop(): void;
}

export function read(source: Source): Reader {
  const stop = new AbortController();
  const batches = source.batches(stop.signal)[Symbol.asyncIterator]();
  return {
    async next() {
      const { value, done } = await batches.next();
      return done ? undefined : value;
    },
    stop: () => stop.abort(),
  };
}

/** Lets a source do what it can do by itself, short of waiting. */
export async function settleDown() {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

/** The next batch, from a source that must have one. */
export async function take(reader: Reader): Promise<Batch> {
  const batch = await reader.next();
  if (batch === undefined) throw new Error('the source has ended');
  return batch;
}

/** Takes batches until all these bodies were seen, and acks each; asks anew as often as the source ends. */
export async function drain(source: Source, count: number): Promise<readonly string[]> {
  const bodies: string[] = [];
  while (bodies.length < count) {
    const reader = read(source);
    for (let batch = await reader.next(); batch !== undefined; batch = await reader.next()) {
      bodies.push(...bodiesOf(batch));
      if (bodies.length >= count) reader.stop();
      await batch.ack(new AbortController().signal);
    }
  }
  return bodies;
}

export function bodiesOf(batch: Batch): readonly string[] {
  return batch.records.map(({ bytes }) => Buffer.from(bytes).toString());
}
