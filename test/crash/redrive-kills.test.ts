import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEventMaker } from '../../connectors/fenergo/simulator/events.ts';
import { defaultTenant } from '../../connectors/fenergo/simulator/options.ts';
import { readLog } from '../../src/sinks/log/read-log.ts';
import { openState } from '../../src/state/open.ts';
import { sampleLetter } from '../conformance/state/samples.ts';
import { kafkaSuite } from '../support/kafka/acquire.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { createTopic } from '../support/kafka/topics.ts';
import { createWorkplace, type Workplace } from '../support/workplace.ts';
import { runHere } from '../unit/cli/support.ts';

const kills = 3;
const maker = createEventMaker('journey', 7, defaultTenant);
const record = maker.render(1, { at: Date.parse('2026-11-22T08:00:00Z'), eventBytes: 600 });
const letter = sampleLetter({
  stage: 'publish',
  code: 'EVENT_TOO_LARGE',
  record: { ...sampleLetter().record, bytes: Uint8Array.from(Buffer.from(record)) },
});

let workplace: Workplace;
beforeEach(async () => {
  workplace = await createWorkplace();
});
afterEach(() => workplace[Symbol.asyncDispose]());

/** An event as a consumer has it. */
interface Read {
  readonly key: string | undefined;
  readonly value: string;
}

async function withState<T>(work: (state: Awaited<ReturnType<typeof openState>>) => Promise<T>): Promise<T> {
  await using state = await openState({ dir: join(workplace.path, 'state'), mode: 'exclusive' });
  return await work(state);
}

/** Resolves when it has killed itself; rejects when it ends otherwise. */
async function redriveAndDie(file: string): Promise<void> {
  const script = fileURLToPath(new URL('redrive-victim.ts', import.meta.url));
  const victim = spawn(process.execPath, [script, file, letter.id], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = await once(victim, 'close');
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
}

/** Kills each redrive before the letter is closed, then lets one through. */
async function promise(broker: string, to: string, read: () => Promise<readonly Read[]>): Promise<void> {
  const file = join(workplace.path, 'feedferry.yaml');
  const text = `version: 1
state: { dir: state }
listen: { health: "127.0.0.1:0", admin: "127.0.0.1:0" }
brokers: { out: ${broker} }
pipelines:
  fenergo:
    from: { connector: fenergo, baseUrl: "http://127.0.0.1:9", feeds: [journey] }
    to: ${to}
`;
  await writeFile(file, text);
  await withState((state) => state.deadLetters.add([letter]));
  for (let kill = 1; kill <= kills; kill++) {
    await redriveAndDie(file);
    expect(await read()).toHaveLength(kill);
    await withState(async ({ deadLetters, audit }) => {
      expect(await deadLetters.get(letter.id)).toEqual(letter);
      expect(await audit.list(10)).toEqual([]);
    });
  }
  const again = () => runHere(['dead-letters', 'redrive', letter.id, '--out-of-order', '-c', file]);
  expect(await again()).toMatchObject({ code: 0, stdout: expect.stringContaining('redriven') });
  expect(await again()).toMatchObject({ code: 0, stdout: expect.stringContaining('was closed before') });
  const events = await read();
  expect(events).toHaveLength(kills + 1);
  expect(new Set(events.map(({ key, value }) => `${key} ${value}`)).size).toBe(1);
  expect(JSON.parse(events[0]?.value ?? '')).toMatchObject({ id: maker.idOf(1) });
  await withState(async ({ deadLetters, audit }) => {
    expect(await deadLetters.get(letter.id)).toMatchObject({ status: 'redriven' });
    expect(await audit.list(10)).toMatchObject([{ action: 'redrive', detail: { id: letter.id } }]);
  });
}

describe('a redrive that is killed when its event is confirmed', () => {
  test('leaves its letter open: the next one publishes the same event once more, and closes it', {
    timeout: 60_000,
  }, async () => {
    const dir = join(workplace.path, 'events');
    await promise('{ type: log, dir: events }', '{ broker: out }', () =>
      Array.fromAsync(readLog(dir, 'fenergo.journey'), ({ line }) => ({ key: undefined, value: line.toString() })),
    );
  });
});

const suite = await kafkaSuite();

suite('a redrive into Kafka that is killed when its event is confirmed', ({ bootstrap }) => {
  test('leaves its letter open: the next one publishes the same event with the same key once more, and closes it', {
    timeout: 120_000,
  }, async () => {
    const topic = await createTopic(bootstrap, 'redriven');
    await promise(`{ type: kafka, bootstrap: ["${bootstrap}"] }`, `{ broker: out, topic: ${topic} }`, async () =>
      (await readTopic(bootstrap, topic)).map(({ key, value }) => ({ key, value: value.toString() })),
    );
  });
});
