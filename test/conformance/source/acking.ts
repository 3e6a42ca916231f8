import { expect } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { SourcePromises } from '../source.ts';
import { bodiesOf, drain, read, settleDown, take } from './reader.ts';

const { signal } = new AbortController();
const refused = () => new BridgeError('DESTINATION_MISSING', 'the topic is not there');

/** What a source promises of acks. */
export const ackPromises: SourcePromises = {
  async 'tells upstream nothing before a batch is acked, and all of it then'({ source, offer, acknowledged }) {
    offer(['1', '2']);
    const reader = read(source);
    const batch = await take(reader);
    await settleDown();
    expect(acknowledged()).toEqual([]);
    reader.stop();
    await batch.ack(signal);
    expect(acknowledged()).toEqual(['1', '2']);
  },

  async 'gives a batch that was given back again, unchanged'({ source, offer, acknowledged }) {
    offer(['1', '2']);
    const reader = read(source);
    const batch = await take(reader);
    await batch.nack(refused());
    reader.stop();
    expect(acknowledged()).toEqual([]);
    const again = read(source);
    const same = await take(again);
    expect(bodiesOf(same)).toEqual(['1', '2']);
    expect(same.upstreamId).toBe(batch.upstreamId);
    expect(same.position).toBe(batch.position);
    again.stop();
    await same.ack(signal);
    expect(acknowledged()).toEqual(['1', '2']);
  },

  async 'gives a batch that was never acked again, unchanged'({ source, offer, acknowledged }) {
    offer(['1']);
    const abandoned = read(source);
    await take(abandoned);
    abandoned.stop();
    expect(await drain(source, 1)).toEqual(['1']);
    expect(acknowledged()).toEqual(['1']);
  },

  async 'gets over a failure of upstream when it acks'({ source, offer, fail, acknowledged }) {
    offer(['1']);
    offer(['2']);
    const reader = read(source);
    const batch = await take(reader);
    fail('briefly');
    await batch.ack(signal);
    reader.stop();
    expect(acknowledged()).toEqual(['1']);
  },

  async 'gives a batch up at once when its ack is aborted, and loses nothing'({
    source,
    offer,
    fail,
    mend,
    acknowledged,
  }) {
    offer(['1']);
    const reader = read(source);
    const batch = await take(reader);
    fail('fatally');
    const end = new AbortController();
    const acking = batch.ack(end.signal).then(
      () => 'acked',
      (error: unknown) => error,
    );
    end.abort();
    reader.stop();
    const outcome = await acking;
    if (outcome !== 'acked') expect(outcome).toBeInstanceOf(BridgeError);
    mend();
    if (acknowledged().length === 0) expect(await drain(source, 1)).toEqual(['1']);
    expect(acknowledged()).toEqual(['1']);
  },
};
