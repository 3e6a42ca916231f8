import type { Batch } from '../../src/core/batch.ts';
import type { Source } from '../../src/core/source.ts';

/** Gives batches, throws, or ends, each time the source is asked for batches; `number` counts from 1. */
export type Script = (stop: AbortSignal, number: number) => AsyncIterable<Batch>;

export function scriptedSource(ackOrder: Source['ackOrder'], script: Script): Source {
  let number = 0;
  return { feed: 'sample/feed', ackOrder, batches: (stop) => script(stop, ++number) };
}

/** Gives these batches without waiting for their acks, and then nothing until it is stopped. */
export async function* giving(batches: readonly Batch[], stop: AbortSignal): AsyncGenerator<Batch> {
  for (const batch of batches) {
    if (stop.aborted) return;
    yield batch;
  }
  await aborted(stop);
}

/** Gives these batches and more, whether it was stopped or not: as a source that has one ready already. */
export async function* givingRegardless(batches: readonly Batch[]): AsyncGenerator<Batch> {
  yield* batches;
}

export function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
