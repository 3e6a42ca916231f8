import { describe, expect, test } from 'vitest';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { handedOut, hastily, startBridge } from '../../support/daemon.ts';
import { refusingSinkType } from '../../support/refusing-sink.ts';
import { createWorkplace } from '../../support/workplace.ts';

const events = 120;
const journey = ['feeds: [journey]', 'schedule: { every: 200ms }'];
const brokers = '{ first: { type: log, dir: ./first }, second: { type: log, dir: ./second } }';
const both = '[{ broker: first }, { broker: second, topic: "other.{feed}" }]';

/** Refuses what goes to the second destination. */
const toSecond = (name: string) => name.startsWith('other.');

async function ids(published: Promise<readonly { readonly id: string }[]>): Promise<readonly string[]> {
  return (await published).map(({ id }) => id);
}

async function startSimulator() {
  const simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events }] });
  const completed = () => simulator.stats().feeds.journey.completedEvents;
  return {
    baseUrl: simulator.baseUrl,
    handedOut: () => handedOut(simulator.ledger('journey')),
    completed,
    emptied: () => expect.poll(completed, { interval: 10, timeout: 20_000 }).toBe(events),
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}

describe('two destinations', () => {
  test('both have every event once and in order, and each receipt names both', async () => {
    await using simulator = await startSimulator();
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from: journey, brokers, to: both });
    await simulator.emptied();
    expect(await ids(bridge.published('journey', 'first'))).toEqual(simulator.handedOut());
    expect(await ids(bridge.published('journey', 'second', 'other'))).toEqual(simulator.handedOut());
    const [confirmed] = bridge.recorder.of('batch.confirmed');
    expect(confirmed?.whereabouts).toMatch(/^first: fenergo\.journey.*; second: other\.journey/);
  });

  test('an outage of one is named, holds the batch, and doubles nothing at the other', async () => {
    await using simulator = await startSimulator();
    let down = true;
    const sinkType = refusingSinkType({ isDown: () => down, destination: toSecond });
    await using bridge = await startBridge({
      baseUrl: simulator.baseUrl,
      from: journey,
      brokers,
      to: both,
      sinkType,
      timing: { ...hastily, publish: { baseMs: 5, capMs: 20, jitter: 'full' } },
    });
    const failed = await bridge.recorder.seen('attempt.failed', 5);
    expect(failed.error.message).toMatch(/^destination second: /);
    expect(simulator.completed()).toBe(0);
    down = false;
    await simulator.emptied();
    expect(await ids(bridge.published('journey', 'first'))).toEqual(simulator.handedOut());
    expect(await ids(bridge.published('journey', 'second', 'other'))).toEqual(simulator.handedOut());
  });

  test('after a restart in the midst of an outage, the one that was done does not get the batch again', async () => {
    await using simulator = await startSimulator();
    await using workplace = await createWorkplace();
    const options = { baseUrl: simulator.baseUrl, from: journey, brokers, to: both, workplace };
    const timing = { ...hastily, drainMs: 50 };
    {
      await using bridge = await startBridge({
        ...options,
        timing,
        sinkType: refusingSinkType({ destination: toSecond }),
      });
      await bridge.recorder.seen('attempt.failed');
      await expect.poll(async () => (await bridge.published('journey', 'first')).length).toBeGreaterThan(0);
    }
    await using bridge = await startBridge(options);
    await simulator.emptied();
    expect(await ids(bridge.published('journey', 'first'))).toEqual(simulator.handedOut());
    expect(await ids(bridge.published('journey', 'second', 'other'))).toEqual(simulator.handedOut());
  });

  test('a fatal error of one halts the feed by name; what an operator resumes goes only where it is missing', async () => {
    await using simulator = await startSimulator();
    let gone = true;
    const sinkType = refusingSinkType({
      isDown: () => gone,
      destination: toSecond,
      code: 'DESTINATION_MISSING',
    });
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from: journey, brokers, to: both, sinkType });
    const halted = await bridge.recorder.seen('feed.halted');
    expect(halted.error).toMatchObject({
      code: 'DESTINATION_MISSING',
      message: expect.stringMatching(/^destination second: /),
    });
    gone = false;
    await bridge.operations.resume('fenergo/journey', 'the topic is there');
    await simulator.emptied();
    expect(await ids(bridge.published('journey', 'first'))).toEqual(simulator.handedOut());
    expect(await ids(bridge.published('journey', 'second', 'other'))).toEqual(simulator.handedOut());
  });
});

test('conditions send events where they are wanted, and what nobody wants is completed', async () => {
  await using simulator = await startSimulator();
  await using bridge = await startBridge({
    baseUrl: simulator.baseUrl,
    from: journey,
    brokers,
    to: `[{ broker: first, when: 'type = "com.fenergo.journey.taskcompleted"' }, { broker: second, topic: "other.{feed}", when: /data/absent }]`,
  });
  await simulator.emptied();
  const kept = await bridge.published('journey', 'first');
  const types = new Set(kept.map(({ line }) => (JSON.parse(line) as { type: string }).type));
  expect(await bridge.published('journey', 'second', 'other')).toEqual([]);
  const confirmed = bridge.recorder.of('batch.confirmed');
  const sum = (key: 'events' | 'filtered') => confirmed.reduce((total, batch) => total + batch[key], 0);
  expect(sum('events')).toBe(kept.length);
  expect(sum('events') + sum('filtered')).toBe(events);
  expect(sum('filtered')).toBeGreaterThan(0);
  expect([...types]).toEqual(['com.fenergo.journey.taskcompleted']);
});
