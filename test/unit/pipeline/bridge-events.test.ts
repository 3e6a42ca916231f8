import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { BridgeEvent } from '../../../src/core/requests.ts';
import { startTeller } from '../../../src/pipeline/bridge-events.ts';
import type { Publisher, Settlement } from '../../../src/pipeline/publisher.ts';
import { createRecorder, type Recorder } from '../../support/recorder.ts';

const feed = 'os1/callbacks';

function eventOf(id: string): BridgeEvent {
  const facts = { feed, requestid: 'r', correlationid: 'c' };
  return { id, feed, source: '/os1/acme', kind: 'request.accepted', at: new Date(0), facts };
}

let unsaid: BridgeEvent[];
let published: string[];
let answers: (() => Settlement | Promise<Settlement>)[];
let recorder: Recorder;
let resources: AsyncDisposableStack;
beforeEach(() => {
  unsaid = [];
  published = [];
  answers = [];
  recorder = createRecorder();
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

const confirmed: Settlement = {
  status: 'confirmed',
  destination: 'said',
  receipt: { kind: 'log', offset: 1 } as never,
};

const publisher: Publisher = {
  async publish(envelopes, _feed, signal) {
    const settle = answers.shift() ?? (() => confirmed);
    const settlement = await settle();
    signal.throwIfAborted();
    for (const { attributes } of envelopes) published.push(attributes.id);
    return envelopes.map(() => settlement);
  },
  async [Symbol.asyncDispose]() {},
};

function teller(stall: () => number = () => 0) {
  return resources.use(
    startTeller({
      feed,
      requests: {
        stall: async () => stall(),
        unsaid: async (_feed, limit) => unsaid.slice(0, limit),
        async said(ids) {
          unsaid = unsaid.filter(({ id }) => !ids.includes(id));
        },
      },
      publisher,
      report: recorder.report,
      lookMs: 60_000,
      backoff: { baseMs: 1, capMs: 1, jitter: 'full' },
    }),
  );
}

describe('the teller of bridge events', () => {
  it('says at its start what was left unsaid, and forgets it only when it is confirmed', async () => {
    unsaid = [eventOf('a'), eventOf('b')];
    answers = [
      () => {
        expect(unsaid).toHaveLength(2);
        return confirmed;
      },
    ];
    teller();
    await recorder.seen('request.changed', 2);
    expect(published).toEqual(['a', 'b']);
    expect(unsaid).toEqual([]);
  });

  it('tries again what was not confirmed, with the same ids, and says so', async () => {
    unsaid = [eventOf('a')];
    answers = [
      () => {
        throw new BridgeError('BROKER_UNREACHABLE', 'away');
      },
    ];
    teller();
    await recorder.seen('request.changed');
    expect(published).toEqual(['a']);
    expect(recorder.of('attempt.failed')).toMatchObject([{ subject: feed, activity: 'bridge-event', attempt: 1 }]);
  });

  it('goes on behind one that is refused for good, which the log tells', async () => {
    unsaid = [eventOf('a')];
    answers = [() => ({ status: 'poison', error: new BridgeError('RECORD_INVALID', 'too large'), attempts: 1 })];
    teller();
    expect(await recorder.seen('bridge-event.refused')).toMatchObject({ feed, id: 'a' });
    await recorder.seen('request.changed');
    expect(unsaid).toEqual([]);
  });

  it('is woken, also while it is at work', async () => {
    const waking = teller();
    unsaid = [eventOf('a')];
    waking.wake();
    await recorder.seen('request.changed');
    answers = [
      () => {
        unsaid.push(eventOf('c'));
        waking.wake();
        return confirmed;
      },
    ];
    unsaid = [eventOf('b')];
    waking.wake();
    await recorder.seen('request.changed', 3);
    expect(published).toEqual(['a', 'b', 'c']);
  });

  it('says to its end what is being said when the bridge stops, and nothing more', async () => {
    unsaid = [eventOf('a')];
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<Settlement>()];
    answers = [
      () => {
        asked.resolve();
        return answer.promise;
      },
    ];
    const stopped = asked.promise.then(() => resources.disposeAsync());
    teller();
    await asked.promise;
    unsaid.push(eventOf('b'));
    answer.resolve(confirmed);
    await stopped;
    expect(published).toEqual(['a']);
    expect(unsaid.map(({ id }) => id)).toEqual(['b']);
  });

  it('looks again at once while there is more that has stalled than it takes at a time', async () => {
    const counts = [100, 100, 7];
    teller(() => counts.shift() ?? 0);
    await expect.poll(() => counts).toEqual([]);
  });
});
