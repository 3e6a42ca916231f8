import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeControl, feed, type Laboratory, openLaboratory } from './support.ts';

const truncated = '{"batchId":"77","notifications":[{"id":"a"';

let laboratory: Laboratory;
beforeEach(async () => {
  laboratory = await openLaboratory();
});
afterEach(() => laboratory[Symbol.asyncDispose]());

describe('set-aside', () => {
  it('keeps the whole answer as one dead letter, then completes the batch', async () => {
    const { simulator, state, operations, events } = laboratory;
    simulator.fill({ feed: 'journey', events: 10 });
    const open = await operations().peek(feed);
    const { batchId, deadLetterId } = await operations().setAside(feed, { reason: 'ticket 4711' });

    expect(batchId).toBe(open?.batchId);
    const letter = await state.deadLetters.get(deadLetterId);
    expect(letter).toMatchObject({
      feed,
      code: 'BATCH_SET_ASIDE',
      stage: 'operator',
      reason: 'ticket 4711',
      batchId,
      index: 0,
      envelope: null,
    });
    expect(Buffer.from(letter?.record.bytes ?? []).equals(Buffer.from(open?.body ?? []))).toBe(true);
    expect(simulator.stats().feeds.journey.completedEvents).toBe(10);
    expect(await operations().peek(feed)).toBeUndefined();
    expect(await state.audit.list(10)).toMatchObject([{ action: 'set-aside', feed, reason: 'ticket 4711' }]);
    expect(events).toContainEqual({ event: 'operator.acted', action: 'set-aside', feed, reason: 'ticket 4711' });
  });

  it('finds the id of a batch that cannot be read', async () => {
    const { simulator, state, operations } = laboratory;
    simulator.enqueue('journey', truncated, '77');
    const { batchId, deadLetterId } = await operations().setAside(feed, { reason: 'truncated' });
    expect(batchId).toBe('77');
    const letter = await state.deadLetters.get(deadLetterId);
    expect(Buffer.from(letter?.record.bytes ?? []).toString()).toBe(truncated);
    expect(await operations().peek(feed)).toBeUndefined();
  });

  it('refuses a batch that names itself nowhere, until the operator names it', async () => {
    const { simulator, state, operations } = laboratory;
    simulator.enqueue('journey', '<html>', '88');
    await expect(operations().setAside(feed, { reason: 'r' })).rejects.toMatchObject({
      code: 'BATCH_UNREADABLE',
      hint: expect.stringContaining('--batch-id'),
    });
    expect(await state.deadLetters.list({ limit: 10 })).toEqual([]);
    expect(await operations().setAside(feed, { reason: 'r', batchId: '88' })).toMatchObject({ batchId: '88' });
    expect(await operations().peek(feed)).toBeUndefined();
  });

  it('does nothing when the operator names another batch than the open one', async () => {
    const { simulator, state, operations } = laboratory;
    simulator.enqueue('journey', truncated, '77');
    await expect(operations().setAside(feed, { reason: 'r', batchId: '76' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('77'),
    });
    expect(await state.deadLetters.list({ limit: 10 })).toEqual([]);
  });

  it('completes nothing when the dead letter cannot be kept', async () => {
    const { simulator, state, operations } = laboratory;
    simulator.fill({ feed: 'journey', events: 5 });
    await state[Symbol.asyncDispose]();
    await expect(operations().setAside(feed, { reason: 'r' })).rejects.toThrow();
    expect(simulator.stats().feeds.journey.completedEvents).toBe(0);
  });

  it('says that an empty feed has nothing to set aside', async () => {
    await expect(laboratory.operations().setAside(feed, { reason: 'r' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('takes an answer of 500 for no batch', async () => {
    const { simulator, state, operations } = laboratory;
    simulator.fill({ feed: 'journey', events: 5 });
    simulator.addFault({ kind: 'status', status: 500 });
    await expect(operations().setAside(feed, { reason: 'r' })).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' });
    expect(await state.deadLetters.list({ limit: 10 })).toEqual([]);
  });

  it('asks next whether a complete that failed has worked', async () => {
    const { simulator, operations } = laboratory;
    simulator.fill({ feed: 'journey', events: 10 });
    simulator.addFault({ call: 'complete', kind: 'status', status: 500, worked: true });
    await operations().setAside(feed, { reason: 'r' });
    expect(simulator.requests('journey').map(({ call, status }) => `${call} ${status}`)).toEqual([
      'next 200',
      'complete 500',
      'next 204',
    ]);
  });

  it('gives up after five refused completes, with the dead letter kept', async () => {
    const { simulator, state, operations } = laboratory;
    simulator.fill({ feed: 'journey', events: 10 });
    simulator.addFault({ call: 'complete', kind: 'status', status: 404, times: 'always' });
    await expect(operations().setAside(feed, { reason: 'r' })).rejects.toMatchObject({ code: 'COMPLETE_REFUSED' });
    expect(simulator.requests('journey').filter(({ call }) => call === 'complete')).toHaveLength(5);
    expect(await state.deadLetters.list({ limit: 10 })).toHaveLength(1);
  });

  it.each([
    ['running', ['pause', 'resume']],
    ['halted', ['pause', 'resume']],
    ['paused', []],
  ] as const)('leaves a %s feed as it was, and probes a halted one at once', async (before, expected) => {
    const { simulator, state, operations } = laboratory;
    const { control, steered } = fakeControl(before);
    simulator.fill({ feed: 'journey', events: 5 });
    await operations(control).setAside(feed, { reason: 'r' });
    expect(steered).toEqual(expected);
    expect(await state.pauses.list()).toEqual([]);
  });

  it('resumes the feed also when it fails', async () => {
    const { control, steered } = fakeControl('running');
    await expect(laboratory.operations(control).setAside(feed, { reason: 'r' })).rejects.toThrow();
    expect(steered).toEqual(['pause', 'resume']);
  });
});
