import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeControl, feed, type Laboratory, openLaboratory } from './support.ts';

let laboratory: Laboratory;
beforeEach(async () => {
  laboratory = await openLaboratory();
});
afterEach(() => laboratory[Symbol.asyncDispose]());

const callsOf = ({ simulator }: Laboratory) =>
  simulator.requests('journey').map(({ call, status }) => `${call} ${status}`);

describe('discard', () => {
  it('drops what waits, proves it by an empty feed, and leaves a record of it', async () => {
    const { simulator, state, operations, events } = laboratory;
    simulator.fill({ feed: 'journey', events: 100 });
    simulator.fill({ feed: 'document', events: 100 });
    expect(await operations().discard(feed, { reason: 'test data' })).toEqual({ attempts: 1, proof: 'empty' });
    expect(callsOf(laboratory)).toEqual(['discardAll 200', 'next 204']);
    expect(simulator.stats().feeds.document.waiting).toBe(100);
    expect(await state.audit.list(10)).toMatchObject([
      { action: 'discard', feed, reason: 'test data', detail: { outcome: 'verified', attempts: 1, proof: 'empty' } },
      { action: 'discard', feed, reason: 'test data', detail: { outcome: 'begun' } },
    ]);
    expect(events).toContainEqual({ event: 'operator.acted', action: 'discard', feed, reason: 'test data' });
  });

  it('takes a batch that came after the discard as proof', async () => {
    const { simulator, operations } = laboratory;
    simulator.fill({ feed: 'journey', events: 10, at: Date.now() + 3_600_000 });
    simulator.addFault({ call: 'discardAll', kind: 'status', status: 200 });
    expect(await operations().discard(feed, { reason: 'r' })).toEqual({ attempts: 1, proof: 'newer-batch' });
  });

  it('calls again after a server error, and says how often', async () => {
    const { simulator, operations } = laboratory;
    simulator.fill({ feed: 'journey', events: 10 });
    simulator.addFault({ call: 'discardAll', kind: 'status', status: 504, times: 2 });
    expect(await operations().discard(feed, { reason: 'r' })).toEqual({ attempts: 3, proof: 'empty' });
  });

  it('believes next, not the status: a call that failed may have worked', async () => {
    const { simulator, operations } = laboratory;
    simulator.fill({ feed: 'journey', events: 10 });
    simulator.addFault({ call: 'discardAll', kind: 'status', status: 504, worked: true });
    expect(await operations().discard(feed, { reason: 'r' })).toEqual({ attempts: 1, proof: 'empty' });
  });

  it('says that old events are still there after five accepted calls', async () => {
    const { simulator, state, operations } = laboratory;
    simulator.fill({ feed: 'journey', events: 10 });
    simulator.addFault({ call: 'discardAll', kind: 'status', status: 200, times: 'always' });
    await expect(operations().discard(feed, { reason: 'r' })).rejects.toMatchObject({ code: 'DISCARD_UNVERIFIED' });
    expect(callsOf(laboratory).filter((call) => call === 'discardAll 200')).toHaveLength(5);
    const [last] = await state.audit.list(1);
    expect(last?.detail).toEqual({ outcome: 'failed', code: 'DISCARD_UNVERIFIED' });
  });

  it('does not repeat what is refused', async () => {
    const { simulator, operations } = laboratory;
    simulator.fill({ feed: 'journey', events: 10 });
    simulator.addFault({ call: 'discardAll', kind: 'status', status: 403, times: 'always' });
    await expect(operations().discard(feed, { reason: 'r' })).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
    expect(callsOf(laboratory)).toEqual(['discardAll 403']);
  });

  it('pauses a running feed first and resumes it afterwards, also when it fails', async () => {
    const { simulator, operations } = laboratory;
    const { control, steered } = fakeControl('running');
    await operations(control).discard(feed, { reason: 'r' });
    simulator.addFault({ call: 'discardAll', kind: 'status', status: 403 });
    await expect(operations(control).discard(feed, { reason: 'r' })).rejects.toThrow();
    expect(steered).toEqual(['pause', 'resume', 'pause', 'resume']);
  });

  it('ends at once when it is interrupted, and leaves the feed as it was', async () => {
    const { simulator, operations } = laboratory;
    const { control, steered } = fakeControl('running');
    const stop = new AbortController();
    simulator.addFault({ call: 'discardAll', kind: 'hang' });
    const discard = operations(control, stop.signal).discard(feed, { reason: 'r' });
    await expect.poll(() => steered).toEqual(['pause']);
    stop.abort();
    await expect(discard).rejects.toMatchObject({ code: 'STOPPING' });
    expect(steered).toEqual(['pause', 'resume']);
  });
});
