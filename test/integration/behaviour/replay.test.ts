import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import { openState } from '../../../src/state/open.ts';
import { type BridgeOptions, startBridge } from '../../support/daemon.ts';
import { kafkaSuite } from '../../support/kafka/acquire.ts';
import { readTopic } from '../../support/kafka/read-topic.ts';
import { createTopic } from '../../support/kafka/topics.ts';
import { createWorkplace, type Workplace } from '../../support/workplace.ts';
import { type HostOptions, runHere } from '../../unit/cli/support.ts';

const feed = 'fenergo/journey';
const events = 40;
const from = ['feeds: [journey]', 'schedule: { every: 20ms }'];
const local = '{ local: { type: log, dir: ./events } }';

let workplace: Workplace;
let simulator: Simulator;
beforeEach(async () => {
  workplace = await createWorkplace();
  simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events }] });
});
afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  await workplace[Symbol.asyncDispose]();
});

/** Lets a bridge carry everything, and leaves the configuration that it ran with. */
async function carried({ brokers = local, to = '{ broker: local }' }: Pick<BridgeOptions, 'brokers' | 'to'> = {}) {
  {
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace, from, brokers, to });
    expect(await simulator.drained(10_000)).toBe(true);
    await bridge.recorder.seen('batch.completed', events / 10);
  }
  const text = `version: 1
state: { dir: state }
listen: { health: "127.0.0.1:0", admin: "127.0.0.1:0" }
brokers: ${brokers}
pipelines:
  fenergo:
    from: { connector: fenergo, baseUrl: "${simulator.baseUrl}", ${from.join(', ')} }
    to: ${to}
`;
  await writeFile(join(workplace.path, 'feedferry.yaml'), text);
}

const replay = (args: readonly string[], options?: HostOptions) =>
  runHere(['replay', feed, '-c', join(workplace.path, 'feedferry.yaml'), ...args], options);

async function logged(topic: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { line } of readLog(join(workplace.path, 'events'), topic)) lines.push(line.toString());
  return lines;
}

/** Everything that must not move. */
async function positions(): Promise<unknown> {
  await using state = await openState({ dir: join(workplace.path, 'state'), mode: 'exclusive' });
  const { feeds } = simulator.stats();
  return [await state.ledger.list({ limit: 100 }), await state.cursors.list(), feeds.journey];
}

describe('a replay', () => {
  test('publishes the same events to a side destination, in order, and moves nothing', async () => {
    await carried();
    const before = await positions();
    const { code, stdout } = await replay(['--from', '1h', '--destination', '{ broker: local, topic: side }']);
    expect(stdout).toBe(`${feed}  ${events} events of 4 batches published\n`);
    expect(code).toBe(0);
    expect(await logged('side')).toEqual(await logged('fenergo.journey'));
    expect(await positions()).toEqual(before);
  });

  test('is written down, when it begins and when it is done, and a dry run is not', async () => {
    await carried();
    await replay(['--from', '1h', '--dry-run']);
    await replay(['--from', '1h', '--yes', '--reason', 'a consumer lost them']);
    await replay(['--from', '1h', '--destination', '{ broker: local, topic: ".." }']);
    await using state = await openState({ dir: join(workplace.path, 'state'), mode: 'exclusive' });
    const records = (await state.audit.list(10)).toReversed();
    const what = { from: expect.any(String), to: expect.any(String) };
    const whole = { action: 'replay', feed, reason: 'a consumer lost them' };
    expect(records).toMatchObject([
      { ...whole, detail: { ...what, outcome: 'begun', destination: null } },
      { ...whole, detail: { ...what, outcome: 'done', batches: 4, events } },
      { reason: 'none given', detail: { outcome: 'begun', destination: '{ broker: local, topic: ".." }' } },
      { detail: { outcome: 'done', events: 0, refused: events } },
    ]);
  });

  test('asks before consumers see everything again', async () => {
    await carried();
    const once = await logged('fenergo.journey');
    for (const to of [[], ['--destination', '{ broker: local }']]) {
      expect(await replay(['--from', '1h', ...to])).toMatchObject({ code: 2, stdout: '' });
      expect(await replay(['--from', '1h', ...to], { terminal: true, typed: 'no\n' })).toMatchObject({ code: 1 });
    }
    expect(await logged('fenergo.journey')).toEqual(once);
    expect(await replay(['--from', '1h', '--yes'])).toMatchObject({ code: 0 });
    expect(await logged('fenergo.journey')).toEqual([...once, ...once]);
  });

  test('keeps to the time, and only counts in a dry run', async () => {
    await carried();
    expect(await replay(['--from', '1h', '--to', '30m', '--dry-run'])).toMatchObject({
      stdout: `${feed}  0 events of 0 batches would be published\n`,
    });
    expect(await replay(['--from', '1h', '--dry-run'])).toMatchObject({
      code: 0,
      stdout: `${feed}  ${events} events of 4 batches would be published\n`,
    });
    expect(await logged('fenergo.journey')).toHaveLength(events);
  });

  test('is not faster than it is told', async () => {
    await carried();
    const started = performance.now();
    await replay(['--from', '1h', '--rate', '80', '--destination', '{ broker: local, topic: side }']);
    expect(performance.now() - started).toBeGreaterThan((events / 80) * 1_000);
    expect(await logged('side')).toHaveLength(events);
  });

  test.each([
    { argument: '{ broker: lokal }', says: /^--destination:1:\d+ {2}CONFIG_UNKNOWN_BROKER/m },
    { argument: '{ broker: local, topik: x }', says: /^--destination:1:\d+ {2}CONFIG_UNKNOWN_KEY/m },
    { argument: '{ broker: ', says: /^--destination:1:\d+ {2}CONFIG_/m },
  ])('refuses $argument, at its place', async ({ argument, says }) => {
    await carried();
    const { code, stdout, stderr } = await replay(['--from', '1h', '--destination', argument]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(says);
  });
});

const suite = await kafkaSuite();

suite('a replay into Kafka', ({ bootstrap }) => {
  test('publishes the same bytes with the same keys to a side topic', { timeout: 60_000 }, async () => {
    const topic = await createTopic(bootstrap, 'replayed');
    const side = await createTopic(bootstrap, 'side');
    await carried({
      brokers: `{ kafka: { type: kafka, bootstrap: ["${bootstrap}"] } }`,
      to: `{ broker: kafka, topic: ${topic} }`,
    });
    const { code, stdout } = await replay(['--from', '1h', '--destination', `{ broker: kafka, topic: ${side} }`]);
    expect(stdout).toBe(`${feed}  ${events} events of 4 batches published\n`);
    expect(code).toBe(0);
    const contentOf = async (name: string) =>
      (await readTopic(bootstrap, name)).map(({ key, headers, value }) => ({ key, headers, value: value.toString() }));
    const published = await contentOf(topic);
    expect(published).toHaveLength(events);
    expect(await contentOf(side)).toEqual(published);
  });
});
