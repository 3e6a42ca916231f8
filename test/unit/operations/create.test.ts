import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOperations } from '../../../src/operations/create.ts';
import { fakeControl, feed, type Laboratory, openLaboratory } from './support.ts';

let laboratory: Laboratory;
beforeEach(async () => {
  laboratory = await openLaboratory();
});
afterEach(() => laboratory[Symbol.asyncDispose]());

describe('operations', () => {
  it('keep a pause for the next start when no daemon runs', async () => {
    const { state, operations } = laboratory;
    expect(await operations().feedState(feed)).toBe('running');
    await operations().pause(feed, 'maintenance');
    expect(await operations().feedState(feed)).toBe('paused');
    expect(await state.pauses.list()).toEqual([feed]);
    await operations().resume(feed, 'done');
    expect(await state.pauses.list()).toEqual([]);
    expect(await state.audit.list(10)).toMatchObject([
      { action: 'resume', reason: 'done' },
      { action: 'pause', reason: 'maintenance' },
    ]);
  });

  it('steer a running daemon, and keep the pause across its restart too', async () => {
    const { state, operations } = laboratory;
    const { control, steered } = fakeControl('running');
    await operations(control).pause(feed, 'r');
    expect([steered, await state.pauses.list()]).toEqual([['pause'], [feed]]);
    expect(await operations(control).feedState(feed)).toBe('paused');
    await operations(control).resume(feed, 'r');
    expect([steered, await state.pauses.list()]).toEqual([['pause', 'resume'], []]);
  });

  it('run on one feed one after the other, so that none ends the pause of another', async () => {
    const { simulator, operations } = laboratory;
    const { control, steered } = fakeControl('running');
    simulator.fill({ feed: 'journey', events: 20 });
    const both = operations(control);
    await Promise.all([both.setAside(feed, { reason: '1' }), both.setAside(feed, { reason: '2' })]);
    expect(steered).toEqual(['pause', 'resume', 'pause', 'resume']);
    expect(simulator.stats().feeds.journey.completedEvents).toBe(20);
  });

  it('name the feeds there are when they are asked for another', async () => {
    const unknown = { code: 'FEED_UNKNOWN', hint: expect.stringContaining('fenergo/journey, fenergo/document') };
    const { operations } = laboratory;
    await expect(operations().pause('fenergo/Journey', 'r')).rejects.toMatchObject(unknown);
    await expect(operations().feedState('fenergo/x')).rejects.toMatchObject(unknown);
    await expect(operations().discard('x/journey', { reason: 'r' })).rejects.toMatchObject(unknown);
  });

  it('ask a feed for its open batch without changing anything', async () => {
    const { simulator, operations } = laboratory;
    expect(await operations().peek(feed)).toBeUndefined();
    simulator.fill({ feed: 'journey', events: 3 });
    const first = await operations().peek(feed);
    expect(first?.batchId).toBe(simulator.stats().feeds.journey.openBatchId);
    expect(await operations().peek(feed)).toEqual(first);
  });

  it('find dead letters, or say that there is none', async () => {
    const { simulator, operations } = laboratory;
    simulator.fill({ feed: 'journey', events: 3 });
    const { deadLetterId } = await operations().setAside(feed, { reason: 'r' });
    expect(await operations().deadLetter(deadLetterId.slice(0, 8))).toMatchObject({ id: deadLetterId });
    await expect(operations().deadLetter('0123456789')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('refuse a cursor for a feed whose upstream is told of each batch', async () => {
    await expect(laboratory.operations().setCursor(feed, '7', 'r')).rejects.toMatchObject({ code: 'FEED_NOT_CAPABLE' });
  });

  it('move the cursor of a feed that is read by position, with a record of the old one', async () => {
    const { state, archive, configuration } = laboratory;
    const pipelines = configuration.pipelines.map((pipeline) => ({
      ...pipeline,
      feeds: pipeline.feeds.map((definition) => {
        if (definition.arrival.kind !== 'poll') return definition;
        const { complete: _complete, discard: _discard, ...protocol } = definition.arrival.protocol;
        return { ...definition, arrival: { ...definition.arrival, protocol } };
      }),
    }));
    const { control, steered } = fakeControl('running');
    const operations = createOperations({
      configuration: { ...configuration, pipelines },
      state,
      archive,
      control,
      proxy: {},
      report: () => {},
    });
    await operations.setCursor(feed, '881042', 'again from Monday');
    await operations.setCursor(feed, '881000', 'further back');
    expect(await operations.cursors()).toMatchObject([{ feed, position: '881000' }]);
    expect(steered).toEqual(['pause', 'resume', 'pause', 'resume']);
    expect(await state.audit.list(1)).toMatchObject([
      { action: 'cursor set', detail: { before: '881042', after: '881000' } },
    ]);
    await expect(operations.setAside(feed, { reason: 'r' })).rejects.toMatchObject({ code: 'FEED_NOT_CAPABLE' });
    await expect(operations.discard(feed, { reason: 'r' })).rejects.toMatchObject({ code: 'FEED_NOT_CAPABLE' });
  });
});
