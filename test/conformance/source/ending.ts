import { getEventListeners } from 'node:events';
import { expect } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { SourcePromises } from '../source.ts';
import { read, settleDown, take } from './reader.ts';

/** What a source promises of its end. Far below any wait of its own: a schedule, a back-off, a time-out. */
const atOnceMs = 1_000;

async function endsAtOnce(ending: Promise<unknown>) {
  const began = performance.now();
  expect(await ending).toBeUndefined();
  expect(performance.now() - began).toBeLessThan(atOnceMs);
}

export const endingPromises: SourcePromises = {
  async 'ends when it is stopped before it was asked'({ source }) {
    const reader = read(source);
    reader.stop();
    await endsAtOnce(reader.next());
  },

  async 'ends at once when it is stopped while upstream has nothing'({ source }) {
    const reader = read(source);
    const waiting = reader.next();
    await settleDown();
    reader.stop();
    await endsAtOnce(waiting);
  },

  async 'ends at once when it is stopped while upstream fails'({ source, fail }) {
    fail('briefly');
    const reader = read(source);
    const waiting = reader.next();
    reader.stop();
    await endsAtOnce(waiting);
  },

  async 'lets a batch that it has given out be acked after it was stopped'({ source, offer, acknowledged }) {
    offer(['1']);
    offer(['2']);
    const reader = read(source);
    const batch = await take(reader);
    reader.stop();
    await batch.ack(new AbortController().signal);
    expect(acknowledged()).toEqual(['1']);
    await endsAtOnce(reader.next());
  },

  async 'lets a batch that it has given out be given back after it was stopped'({ source, offer }) {
    offer(['1']);
    const reader = read(source);
    const batch = await take(reader);
    reader.stop();

    await batch.nack(new BridgeError('STOPPING', 'stopped'));
    await endsAtOnce(reader.next());
  },

  async 'leaves no listener behind'({ source, offer }) {
    const stop = new AbortController();
    const end = new AbortController();
    for (let n = 0; n < 5; n++) offer([`${n}`]);
    let taken = 0;
    for await (const batch of source.batches(stop.signal)) {
      await batch.ack(end.signal);
      taken++;
      if (taken === 5) stop.abort();
    }
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    expect(getEventListeners(end.signal, 'abort')).toEqual([]);
  },
};
