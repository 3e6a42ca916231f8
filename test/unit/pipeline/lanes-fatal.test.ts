import { describe, expect, it } from 'vitest';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import type { Publisher } from '../../../src/pipeline/publisher.ts';
import { type Answer, confirmAll, createFakeSink, failed, inTurn, refusing, unknown } from '../../support/fake-sink.ts';
import { sampleEvent } from '../../support/sample-events.ts';

const feed = 'sample/feed';
const fatal = failed('DESTINATION_MISSING');

function events(...ids: readonly string[]) {
  return ids.map((id) => sampleEvent(id, id.replace(/\d/g, '')));
}

/** Publishes in one run of a feed, and gives the code it ended with. */
function runOf(publisher: Publisher) {
  const { signal } = new AbortController();
  return (...ids: readonly string[]) =>
    publisher.publish(events(...ids), feed, signal).then(
      () => 'confirmed',
      (error: { code: string }) => error.code,
    );
}

function publisherWith(...answers: readonly [Answer, ...Answer[]]) {
  const sink = createFakeSink({ answer: inTurn(...answers) });
  return { sink, publisher: createLanesPublisher(sink, () => {}) };
}

describe('the lanes publisher, when an event fails fatally', () => {
  it('fails what waits in its lane, so that nothing overtakes it', async () => {
    const { sink, publisher } = publisherWith(refusing({ a1: fatal }), confirmAll);
    const one = runOf(publisher);
    const other = runOf(publisher);
    expect(await Promise.all([one('a1', 'a2'), other('a3')])).toEqual(['DESTINATION_MISSING', 'DESTINATION_MISSING']);
    expect(sink.calls).toHaveLength(1);
    expect(sink.confirmed).toEqual([]);
  });

  it('leaves other lanes alone', async () => {
    const { sink, publisher } = publisherWith(refusing({ a1: fatal }), confirmAll);
    const one = runOf(publisher);
    const other = runOf(publisher);
    const [failing, flowing] = [one('a1'), other('b1', 'b2')];
    expect(await failing).toBe('DESTINATION_MISSING');
    expect(await flowing).toBe('confirmed');
    expect(sink.confirmed).toEqual(['b1', 'b2']);
  });

  it('fails what was to be repeated before it in its lane, too', async () => {
    const { publisher } = publisherWith(
      ({ items }) => items.map((_, at) => (at === 0 ? unknown() : fatal)),
      confirmAll,
    );
    const one = runOf(publisher);
    const other = runOf(publisher);
    expect(await Promise.all([one('a1'), other('a2')])).toEqual(['DESTINATION_MISSING', 'DESTINATION_MISSING']);
  });

  it('lets nothing of the same run overtake its batch in another lane', async () => {
    const { sink, publisher } = publisherWith(refusing({ a1: fatal, b1: failed() }), confirmAll);
    const run = runOf(publisher);
    const [first, second] = [run('a1', 'b1'), run('b2')];
    expect(await first).toBe('DESTINATION_MISSING');
    const third = run('c1', 'b3');
    expect(await second).toBe('DESTINATION_MISSING');
    expect(await third).toBe('DESTINATION_MISSING');
    expect(sink.confirmed).toEqual([]);
    expect(sink.calls).toHaveLength(1);
  });

  it('lets what the same run published before it come to its end', async () => {
    const { sink, publisher } = publisherWith(refusing({ a1: failed(), b1: fatal }), confirmAll);
    const run = runOf(publisher);
    expect(await Promise.all([run('a1'), run('b1')])).toEqual(['confirmed', 'DESTINATION_MISSING']);
    expect(sink.confirmed).toEqual(['a1']);
  });

  it('publishes again in the next run', async () => {
    const { sink, publisher } = publisherWith(refusing({ a1: fatal }), confirmAll);
    expect(await runOf(publisher)('a1')).toBe('DESTINATION_MISSING');
    expect(await runOf(publisher)('a1', 'a2')).toBe('confirmed');
    expect(sink.confirmed).toEqual(['a1', 'a2']);
  });

  it('drops the rest of a batch when one of its events cannot be addressed at all', async () => {
    const { sink, publisher } = publisherWith(confirmAll);
    const run = runOf(publisher);
    expect(await Promise.all([run('a1', 'unthinkable', 'a2'), run('a3')])).toEqual(['INTERNAL', 'INTERNAL']);
    expect(sink.calls).toEqual([]);
  });
});
