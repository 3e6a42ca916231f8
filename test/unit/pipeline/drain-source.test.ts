import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { drainSource } from '../../../src/pipeline/drain-source.ts';
import { publishing } from '../../../src/pipeline/handling.ts';
import { createInFlight } from '../../../src/pipeline/in-flight.ts';
import type { Publisher } from '../../../src/pipeline/publisher.ts';
import { type Answer, confirmAll, failed, inTurn, refusing } from '../../support/fake-sink.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed, type SampleFeed } from '../../support/sample-feed.ts';
import { giving, givingRegardless, scriptedSource } from '../../support/scripted-source.ts';

const works = async () => {};
const wide = { batches: 1_000, bytes: 1_000_000 };

function start(feed: SampleFeed, source: ReturnType<typeof scriptedSource>, bound = wide) {
  const stop = new AbortController();
  const abort = new AbortController();
  const inFlight = createInFlight(bound);
  const signals = { stop: stop.signal, abort: abort.signal };
  const drained = drainSource(source, publishing(feed.context), inFlight, signals).then(
    () => 'drained',
    (error: BridgeError) => error.code,
  );
  return { stop, abort, drained };
}

/** Opens the gates one after another as told. */
function gates(count: number) {
  const opens = Array.from({ length: count }, () => Promise.withResolvers<void>());
  return { passed: (n: number) => opens[n]?.promise, open: (n: number) => opens[n]?.resolve() };
}

const turn = () => new Promise(setImmediate);
const acks = (calls: readonly string[]) => calls.filter((call) => call.startsWith('ack'));

describe('draining a source', () => {
  it('never acks a batch before an earlier one where acks are in order', async () => {
    const confirms = gates(3);
    const feed = createSampleFeed();
    const order = [2, 1, 0];
    const [destination] = feed.context.destinations;
    if (!destination) throw new Error('the sample feed has no destination');
    const publisher: Publisher = {
      ...destination.publisher,
      async publish(envelopes, name, signal) {
        const settlements = await destination.publisher.publish(envelopes, name, signal);
        await confirms.passed(Number(envelopes[0]?.attributes.id));
        return settlements;
      },
    };
    const batches = ['0', '1', '2'].map((id) => sampleBatch(id, [`${id}@lane-${id}`], works, feed.calls));
    const { stop, drained } = start(
      { ...feed, context: { ...feed.context, destinations: [{ ...destination, publisher }] } },
      scriptedSource('in-order', (signal) => giving(batches, signal)),
    );
    for (const n of order) {
      expect(acks(feed.calls)).toEqual([]);
      confirms.open(n);
      await turn();
    }
    await feed.recorder.seen('batch.completed', 3);
    expect(acks(feed.calls)).toEqual(['ack 0', 'ack 1', 'ack 2']);
    stop.abort();
    expect(await drained).toBe('drained');
  });

  it('waits for the ack of a batch before it begins that of the next', async () => {
    const upstream = gates(2);
    const feed = createSampleFeed();
    const batches = [0, 1].map((n) => sampleBatch(`${n}`, [`${n}`], () => upstream.passed(n) ?? works(), feed.calls));
    const { stop, drained } = start(
      feed,
      scriptedSource('in-order', (signal) => giving(batches, signal)),
    );
    await feed.recorder.seen('batch.confirmed', 2);
    await turn();
    expect(acks(feed.calls)).toEqual(['ack 0']);
    upstream.open(0);
    await turn();
    expect(acks(feed.calls)).toEqual(['ack 0', 'ack 1']);
    upstream.open(1);
    stop.abort();
    expect(await drained).toBe('drained');
  });

  it('acks each as it is settled where acks are independent', async () => {
    const upstream = gates(1);
    const feed = createSampleFeed();
    const batches = [
      sampleBatch('slow', ['1'], () => upstream.passed(0) ?? works(), feed.calls),
      sampleBatch('fast', ['2'], works, feed.calls),
    ];
    const { stop, drained } = start(
      feed,
      scriptedSource('independent', (signal) => giving(batches, signal)),
    );
    expect(await feed.recorder.seen('batch.completed')).toMatchObject({ batchId: 'fast' });
    stop.abort();
    upstream.open(0);
    expect(await drained).toBe('drained');
  });

  it('takes no more batches than the bound while none is settled', async () => {
    const broker = gates(1);
    const answer: Answer = async (call) => {
      await broker.passed(0);
      return confirmAll(call);
    };
    const feed = createSampleFeed(answer);
    let given = 0;
    const source = scriptedSource('in-order', async function* () {
      for (; given < 10; given++) yield sampleBatch(`${given}`, [`${given}`], works, feed.calls);
    });
    const { drained } = start(feed, source, { batches: 3, bytes: 1_000 });
    await turn();
    await turn();
    expect(given).toBe(3);
    expect(feed.calls.filter((call) => call === 'ledger.find')).toHaveLength(3);
    broker.open(0);
    expect(await drained).toBe('drained');
    expect(acks(feed.calls)).toHaveLength(10);
  });

  it('ends with the fatal error, and gives back all that came after it', async () => {
    const feed = createSampleFeed(refusing({ 2: failed('DESTINATION_MISSING') }));
    const batches = ['1', '2', '3', '4'].map((id) => sampleBatch(id, [`${id}@${id}`], works, feed.calls));
    const { drained } = start(
      feed,
      scriptedSource('in-order', () => givingRegardless(batches)),
    );
    expect(await drained).toBe('DESTINATION_MISSING');
    expect(acks(feed.calls)).toEqual(['ack 1']);
    expect(feed.calls.filter((call) => call.startsWith('nack'))).toEqual([
      'nack 2 DESTINATION_MISSING',
      'nack 3 DESTINATION_MISSING',
      'nack 4 DESTINATION_MISSING',
    ]);
  });

  for (const [what, code, fail] of [
    ['a flood of poison', 'POISON_FLOOD', () => {}],
    [
      'a ledger that cannot be asked',
      'STATE_DAMAGED',
      (feed: SampleFeed) => feed.state.fail('ledger.find', 'STATE_DAMAGED', 1),
    ],
  ] as const) {
    it(`publishes nothing that came after ${what}`, async () => {
      const feed = createSampleFeed();
      fail(feed);
      const flood = Array.from({ length: 100 }, (_, n) => `!${n}`);
      const batches = [
        sampleBatch('1', ['first', ...flood], works, feed.calls),
        sampleBatch('2', ['second'], works, feed.calls),
      ];
      const { drained } = start(
        feed,
        scriptedSource('in-order', () => givingRegardless(batches)),
      );
      expect(await drained).toBe(code);
      expect(feed.sink.calls).toEqual([]);
      expect(feed.calls.slice(-2)).toEqual([`nack 1 ${code}`, `nack 2 ${code}`]);
    });
  }

  it('goes on in the next drain after a fatal error', async () => {
    const feed = createSampleFeed(inTurn(refusing({ 1: failed('DESTINATION_MISSING') }), confirmAll));
    const source = scriptedSource('in-order', () =>
      givingRegardless(['1', '2'].map((id) => sampleBatch(id, [id], works, feed.calls))),
    );
    const abort = new AbortController().signal;
    const inFlight = createInFlight(wide);
    const drain = () =>
      drainSource(source, publishing(feed.context), inFlight, { stop: new AbortController().signal, abort });
    await expect(drain()).rejects.toMatchObject({ code: 'DESTINATION_MISSING' });
    await drain();
    expect(feed.sink.confirmed).toEqual(['1', '2']);
  });

  it('ends with what the source throws, once nothing is in flight any more', async () => {
    const broker = gates(1);
    const feed = createSampleFeed(async (call) => {
      await broker.passed(0);
      return confirmAll(call);
    });
    const source = scriptedSource('in-order', async function* () {
      yield sampleBatch('1', ['1'], works, feed.calls);
      throw new BridgeError('UPSTREAM_NOT_FOUND', 'gone');
    });
    const { drained } = start(feed, source);
    let ended = false;
    void drained.then(() => {
      ended = true;
    });
    await turn();
    expect(ended).toBe(false);
    broker.open(0);
    expect(await drained).toBe('UPSTREAM_NOT_FOUND');
    expect(acks(feed.calls)).toEqual(['ack 1']);
  });

  it('takes what no BridgeError is for a fault of the bridge', async () => {
    const feed = createSampleFeed();
    const source = scriptedSource('in-order', async function* () {
      yield sampleBatch('1', ['1'], works, feed.calls);
      throw new TypeError('not a function');
    });
    expect(await start(feed, source).drained).toBe('INTERNAL');
  });

  it('settles what is in flight when stopped', async () => {
    const broker = gates(1);
    const feed = createSampleFeed(async (call) => {
      await broker.passed(0);
      return confirmAll(call);
    });
    const batches = ['1', '2'].map((id) => sampleBatch(id, [id], works, feed.calls));
    const { stop, drained } = start(
      feed,
      scriptedSource('in-order', (signal) => giving(batches, signal)),
    );
    await turn();
    stop.abort();
    broker.open(0);
    expect(await drained).toBe('drained');
    expect(acks(feed.calls)).toEqual(['ack 1', 'ack 2']);
  });

  it('gives back what is in flight, and what waits for room, when aborted', async () => {
    const feed = createSampleFeed(() => new Promise(() => {}));
    const batches = ['1', '2', '3'].map((id) => sampleBatch(id, [id], works, feed.calls));
    const source = scriptedSource('in-order', () => givingRegardless(batches));
    const { stop, abort, drained } = start(feed, source, { batches: 2, bytes: 1_000 });
    await turn();
    stop.abort();
    abort.abort();
    expect(await drained).toBe('drained');
    const returned = feed.calls.filter((call) => call.startsWith('nack'));
    expect(returned.toSorted()).toEqual(['nack 1 STOPPING', 'nack 2 STOPPING', 'nack 3 STOPPING']);
    expect(acks(feed.calls)).toEqual([]);
  });

  it('halts when an ack is refused for good, and acks nothing after it', async () => {
    const feed = createSampleFeed();
    const refused = () => Promise.reject(new BridgeError('COMPLETE_REFUSED', 'complete answers 404'));
    const batches = [sampleBatch('1', ['1'], refused, feed.calls), sampleBatch('2', ['2'], works, feed.calls)];
    const { drained } = start(
      feed,
      scriptedSource('in-order', (signal) => giving(batches, signal)),
    );
    expect(await drained).toBe('COMPLETE_REFUSED');
    expect(acks(feed.calls)).toEqual(['ack 1']);
    expect(feed.calls.at(-1)).toBe('nack 2 COMPLETE_REFUSED');
  });

  it('publishes nothing of a batch whose deadline has passed while it waited for room, and goes on', async () => {
    const gate = gates(1);
    const feed = createSampleFeed(async (call) => {
      if (call.number === 1) await gate.passed(0);
      return confirmAll(call);
    });
    const late = { ...sampleBatch('2', ['b1'], works, feed.calls), deadline: Date.now() - 1 };
    const batches = [sampleBatch('1', ['a1'], works, feed.calls), late, sampleBatch('3', ['c1'], works, feed.calls)];
    const { stop, drained } = start(
      feed,
      scriptedSource('independent', (signal) => giving(batches, signal)),
      { batches: 1, bytes: 1_000 },
    );
    await turn();
    gate.open(0);
    await expect.poll(() => acks(feed.calls)).toEqual(['ack 1', 'ack 3']);
    stop.abort();
    expect(await drained).toBe('drained');
    expect(feed.sink.confirmed).toEqual(['a1', 'c1']);
  });
});
