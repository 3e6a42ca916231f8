import { expect } from 'vitest';
import type { SourcePromises } from '../source.ts';
import { bodiesOf, drain, read, take } from './reader.ts';

/** What a source promises of the batches it gives. */
export const takingPromises: SourcePromises = {
  async 'gives what upstream has, each record with its own bytes'({ source, offer }) {
    offer(['first', 'größer than ASCII', '{"a": 1.0}']);
    const reader = read(source);
    const batch = await take(reader);
    expect(bodiesOf(batch)).toEqual(['first', 'größer than ASCII', '{"a": 1.0}']);
    expect(batch.feed).toBe(source.feed);
    expect(batch.bytes).toBe(batch.records.reduce((sum, { bytes }) => sum + bytes.length, 0));
    for (const { receivedAt } of batch.records)
      expect(Math.abs(Date.now() - receivedAt.getTime())).toBeLessThan(60_000);
    reader.stop();
    await batch.ack(new AbortController().signal);
  },

  async 'keeps the order in which upstream gives'({ source, offer, acknowledged }) {
    const bodies = Array.from({ length: 20 }, (_, n) => `${n}`);
    for (let n = 0; n < 20; n += 2) offer(bodies.slice(n, n + 2));
    expect(await drain(source, 20)).toEqual(bodies);
    expect(acknowledged()).toEqual(bodies);
  },

  async 'gives what comes later, too'({ source, offer }) {
    const reader = read(source);
    const waiting = take(reader);
    offer(['late']);
    const batch = await waiting;
    expect(bodiesOf(batch)).toEqual(['late']);
    reader.stop();
    await batch.ack(new AbortController().signal);
  },

  async 'gets over a failure of upstream by itself'({ source, offer, fail, acknowledged }) {
    fail('briefly');
    offer(['1']);
    offer(['2']);
    expect(await drain(source, 2)).toEqual(['1', '2']);
    expect(acknowledged()).toEqual(['1', '2']);
  },
};

/** What a source promises of an upstream that waiting does not mend. */
export const fatalPromises: SourcePromises = {
  async 'throws what is fatal, and can be asked again once it is mended'({ source, offer, fail, mend }) {
    offer(['1']);
    fail('fatally');
    await expect(read(source).next()).rejects.toMatchObject({ disposition: 'fatal' });
    await expect(read(source).next()).rejects.toMatchObject({ disposition: 'fatal' });
    mend();
    expect(await drain(source, 1)).toEqual(['1']);
  },
};
