import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { startBridge } from '../../support/daemon.ts';
import { createWorkplace, type Workplace } from '../../support/workplace.ts';
import { runHere } from '../../unit/cli/support.ts';

const feed = 'fenergo/journey';
const events = 40;

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

/** Writes a configuration with such a source and such destinations. */
async function configured(name: string, from: string, to = '{ broker: out }'): Promise<string> {
  const file = join(workplace.path, name);
  await writeFile(
    file,
    `version: 1
state: { dir: state }
listen: { health: "127.0.0.1:0", admin: "127.0.0.1:0" }
brokers: { out: { type: log, dir: events }, kafka: { type: kafka, bootstrap: ["127.0.0.1:1"] } }
pipelines:
  fenergo:
    from: { connector: fenergo, baseUrl: "${simulator.baseUrl}", feeds: [journey]${from} }
    to: ${to}
`,
  );
  return file;
}

/** Lets a bridge carry everything, and gives what it ran with. */
async function carried(from: string, to: string): Promise<string> {
  const settings = `feeds: [journey], schedule: { every: 20ms }`;
  {
    await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace, from: settings.split(/, (?=s)/) });
    expect(await simulator.drained(10_000)).toBe(true);
    await bridge.recorder.seen('batch.completed', events / 10);
  }
  return configured('old.yaml', from, to);
}

async function rehearse(before: string, after: string, ...more: string[]) {
  const { code, stdout } = await runHere(['rehearse', '-c', after, '--before', before, '--json', ...more]);
  return { code, found: JSON.parse(stdout.toString()) };
}

describe('a rehearsal', () => {
  test('of the same configuration finds the same events', async () => {
    const old = await carried('', '{ broker: out }');
    const { code, found } = await rehearse(old, old, '--exit-code');
    expect(code).toBe(0);
    const none = { new: 0, gone: 0, destination: 0, address: 0, content: 0 };
    expect(found).toMatchObject([
      { feed, batches: 4, records: events, changes: none, poison: { before: 0, after: 0 } },
    ]);
    expect(found[0].events).toEqual({ before: events, after: events });
  });

  test('tells other keys, other destinations and what is published no more, and publishes nothing itself', async () => {
    const old = await carried('', '{ broker: kafka, topic: "a.{feed}" }');
    const kept = await readdir(join(workplace.path, 'events', 'fenergo.journey'));

    const byEntity = await configured('entity.yaml', ', partitionBy: entity', '{ broker: kafka, topic: "a.{feed}" }');
    expect((await rehearse(old, byEntity)).found[0].changes).toMatchObject({ address: events, new: 0, gone: 0 });

    const elsewhere = await configured('elsewhere.yaml', '', '{ broker: kafka, topic: "b.{feed}" }');
    const { code, found } = await rehearse(old, elsewhere, '--exit-code', '--examples', '2');
    expect(code).toBe(1);
    expect(found[0].changes).toMatchObject({ destination: events, new: 0, gone: 0 });
    expect(found[0].examples).toHaveLength(2);
    expect(found[0].examples[0]).toMatchObject({ before: 'kafka: a.journey', after: 'kafka: b.journey' });

    const fewer = await configured(
      'fewer.yaml',
      ', eventTypes: ["journey:taskcompleted"]',
      '{ broker: kafka, topic: "a.{feed}" }',
    );
    const [{ changes, filtered }] = (await rehearse(old, fewer)).found;
    expect(changes.gone).toBeGreaterThan(0);
    expect(filtered).toEqual({ before: 0, after: changes.gone });

    const both = await configured(
      'both.yaml',
      '',
      '[{ broker: kafka, topic: "a.{feed}" }, { broker: out, when: /outcome }]',
    );
    expect((await rehearse(old, both)).found[0].changes).toMatchObject({ gone: 0, destination: 0 });
    expect(await readdir(join(workplace.path, 'events', 'fenergo.journey'))).toEqual(kept);
  });

  test('says for people what it has found', async () => {
    const old = await carried('', '{ broker: out }');
    const { stdout } = await runHere(['rehearse', '-c', old, '--before', old]);
    expect(stdout).toContain(`${feed}  4 batches, ${events} records: the same events`);
    expect(stdout).toContain(`before  ${events} events, 0 filtered, 0 would be dead letters`);
  });
});
