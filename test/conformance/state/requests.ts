import { expect } from 'vitest';
import { gapEvent } from '../../../src/core/bridge-event.ts';
import type { RawRecord } from '../../../src/core/record.ts';
import type { Requests } from '../../../src/core/requests.ts';
import type { StatePromises } from '../state.ts';
import { later, noon, sampleRequest } from './samples.ts';

const feed = 'os1/callbacks';
const about = { source: '/os1/acme', at: later(2) };
const tie = { requestId: 'a'.repeat(32) };

function answer(id: string): RawRecord {
  return { bytes: Buffer.from(`<${id}/>`), mediaType: 'application/xml', headers: { 'x-a': id }, receivedAt: noon };
}

async function kinds(requests: Requests): Promise<readonly string[]> {
  return (await requests.unsaid(feed, 100)).map(({ kind }) => kind);
}

export const requestPromises: StatePromises = {
  async 'a request is known after kill -9 and restart, also without an answer'({ open, writtenByKilledProcess }) {
    await writtenByKilledProcess('a request');
    await using state = await open();
    const { at, publishes: _, ...request } = sampleRequest();
    expect(await state.requests.find(feed, tie)).toEqual({
      ...request,
      throughBridge: true,
      state: 'sent',
      begunAt: at,
    });
    expect(await kinds(state.requests)).toEqual([]);
  },

  async 'a gap is said until it has been said, once however often it is told of, and after a restart too'({ open }) {
    const told = gapEvent(feed, '/os1/acme', { from: noon, to: later(1), reason: 'ended', reconciled: true });
    {
      await using state = await open();
      await state.requests.say(told);
      await state.requests.say(told);
      expect(await state.requests.unsaid(feed, 10)).toMatchObject([told]);
    }
    await using state = await open();
    expect(await state.requests.unsaid(feed, 10)).toMatchObject([told]);
    await state.requests.said([told.id]);
    expect(await state.requests.unsaid(feed, 10)).toEqual([]);
  },

  async 'answers wait in order until they are published, over restarts too, each feed for itself'({ open }) {
    const other = 'os1/others';
    {
      await using state = await open();
      for (const [id, of] of [
        ['a', feed],
        ['b', other],
        ['c', feed],
      ] as const) {
        await state.requests.add(sampleRequest({ id, feed: of, publishes: true }));
        await state.requests.answered(id, { state: 'settled', at: later(1), record: answer(id) });
      }
    }
    await using state = await open();
    const { requests } = state;
    const found = await requests.unpublished(feed, 0, 10);
    expect(found.map(({ requestId }) => requestId)).toEqual(['a', 'c']);
    const [{ record } = { record: undefined }] = found;
    expect(record && { ...record, bytes: Buffer.from(record.bytes) }).toEqual(answer('a'));
    const [first, second] = found.map(({ sequence }) => sequence);
    expect(await requests.unpublished(feed, first ?? 0, 10)).toMatchObject([{ sequence: second }]);
    await requests.published(feed, second ?? 0);
    expect(await requests.unpublished(feed, 0, 10)).toEqual([]);
    expect(await requests.unpublished(other, 0, 10)).toHaveLength(1);
  },

  async 'no request is taken whose answer may have to be published while too many wait for that'({ open }) {
    await using state = await open();
    const { requests } = state;
    const full = { code: 'ANSWERS_FULL', retryAfterMs: 5_000 };
    const ids = Array.from({ length: 1_000 }, (_, number) => `n${number}`);
    await Promise.all(ids.map((id) => requests.add(sampleRequest({ id, publishes: true }))));
    await Promise.all(ids.map((id) => requests.answered(id, { state: 'settled', at: later(1), record: answer(id) })));
    await expect(requests.add(sampleRequest({ id: 'late', publishes: true }))).rejects.toMatchObject(full);
    // Those of whom nothing is published, and those of another feed, are taken.
    await requests.add(sampleRequest({ id: 'quiet' }));
    await requests.add(sampleRequest({ id: 'other', feed: 'os1/others', publishes: true }));
    const [oldest] = await requests.unpublished(feed, 0, 1);
    await requests.published(feed, oldest?.sequence ?? 0);
    await requests.add(sampleRequest({ id: 'late', publishes: true }));
    const large = { ...answer('large'), bytes: Buffer.alloc(64 * 1024 ** 2) };
    await requests.answered('other', { state: 'settled', at: later(1), record: large });
    const next = sampleRequest({ id: 'next', feed: 'os1/others', publishes: true });
    await expect(requests.add(next)).rejects.toMatchObject(full);
  },

  async 'a request is accepted once and settled once, in this order, also when its events overtake its answer'({
    open,
  }) {
    await using state = await open();
    const { requests } = state;
    await requests.add(sampleRequest());
    await requests.saw(feed, [{ tie, terminal: true }], about);
    await requests.answered(tie.requestId, { state: 'accepted', upstreamId: 'S-1', at: later(3) });
    await requests.saw(feed, [{ tie: { upstreamId: 'S-1' }, terminal: true }], about);
    expect(await requests.find(feed, { upstreamId: 'S-1' })).toMatchObject({ id: tie.requestId, state: 'settled' });
    const said = await requests.unsaid(feed, 100);
    expect(said.map(({ kind }) => kind)).toEqual(['request.accepted', 'request.settled']);
    expect(said[0]).toMatchObject({
      feed,
      source: '/os1/acme',
      at: later(2),
      facts: { requestid: tie.requestId, correlationid: 'order-7', callerref: 'crm', begunat: noon.toISOString() },
    });
  },

  async 'what was settled by upstream’s name before the answer told that name is settled'({ open }) {
    await using state = await open();
    const { requests } = state;
    await requests.add(sampleRequest());
    const unknown = { stallsAt: later(60) };
    await requests.saw(feed, [{ tie: { upstreamId: 'S-1' }, terminal: true }], { ...about, unknown });
    expect(await kinds(requests)).toEqual([]);
    await requests.answered(tie.requestId, { state: 'accepted', upstreamId: 'S-1', at: later(3) });
    expect(await requests.find(feed, { upstreamId: 'S-1' })).toMatchObject({ id: tie.requestId, state: 'settled' });
    expect(await kinds(requests)).toEqual(['request.accepted', 'request.settled']);
  },

  async 'what does not come in time is stalled once, also after a restart, and settled by a late event'({ open }) {
    {
      await using state = await open();
      await state.requests.add(sampleRequest());
    }
    await using state = await open();
    const { requests } = state;
    expect(await requests.stall(feed, later(59), 10)).toBe(0);
    expect(await requests.stall('os1/other', later(60), 10)).toBe(0);
    expect(await requests.stall(feed, later(60), 10)).toBe(1);
    expect(await requests.stall(feed, later(61), 10)).toBe(0);
    await requests.saw(feed, [{ tie, terminal: true }], about);
    expect(await kinds(requests)).toEqual(['request.stalled', 'request.settled']);
  },

  async 'a job that was not begun through the bridge is watched where that is asked for'({ open }) {
    await using state = await open();
    const { requests } = state;
    const sighting = { tie: { upstreamId: 'S-2' }, terminal: false };
    await requests.saw(feed, [sighting], about);
    expect(await requests.find(feed, sighting.tie)).toBeUndefined();
    await requests.saw(feed, [sighting, sighting], { ...about, unknown: { stallsAt: later(60) } });
    expect(await requests.find(feed, sighting.tie)).toMatchObject({ throughBridge: false, state: 'accepted' });
    await requests.stall(feed, later(60), 10);
    expect(await requests.unsaid(feed, 10)).toMatchObject([{ kind: 'stalled', facts: { upstreamid: 'S-2' } }]);
  },

  async 'a request that failed does not stall, but an event of it is still its own'({ open }) {
    await using state = await open();
    const { requests } = state;
    await requests.add(sampleRequest());
    await requests.answered(tie.requestId, { state: 'failed', at: later(1) });
    expect(await requests.stall(feed, later(60), 10)).toBe(0);
    await requests.saw(feed, [{ tie, terminal: false }], about);
    expect(await kinds(requests)).toEqual(['request.accepted']);
    expect(await requests.find(feed, tie)).toMatchObject({ state: 'accepted' });
  },

  async 'requests of one feed are not those of another'({ open }) {
    await using state = await open();
    const { requests } = state;
    await requests.add(sampleRequest());
    await requests.saw('os1/other', [{ tie, terminal: true }], about);
    expect(await requests.find('os1/other', tie)).toBeUndefined();
    expect(await requests.find(feed, tie)).toMatchObject({ state: 'sent' });
  },

  async 'what has been said is not said again, and ended requests are forgotten in time'({ open }) {
    await using state = await open();
    const { requests } = state;
    await requests.add(sampleRequest());
    await requests.add(sampleRequest({ id: 'b'.repeat(32) }));
    await requests.saw(feed, [{ tie, terminal: true }], about);
    const [first, second] = await requests.unsaid(feed, 100);
    await requests.said([first?.id ?? '']);
    expect(await requests.unsaid(feed, 100)).toEqual([second]);
    expect(await requests.prune(later(2))).toBe(0);
    expect(await requests.prune(later(3))).toBe(1);
    expect(await requests.find(feed, tie)).toBeUndefined();
    expect(await requests.find(feed, { requestId: 'b'.repeat(32) })).toBeDefined();
  },
};
