import { describe, expect, test } from 'vitest';
import type { FenergoFeed } from '../../../connectors/fenergo/feeds.ts';
import { fixture, fixtureNames } from '../../../connectors/fenergo/fixtures/read.ts';
import { batchBody } from '../../../connectors/fenergo/simulator/batch-body.ts';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { type Bridge, handedOut, hastily, startBridge } from '../../support/daemon.ts';

const good = '{"id":"good","eventType":"journey:x"}';

function start(simulator: Simulator, feeds: readonly FenergoFeed[] = ['journey']): Promise<Bridge> {
  const from = [`feeds: [${feeds.join(', ')}]`, 'schedule: { every: 20ms }'];
  return startBridge({ baseUrl: simulator.baseUrl, from, timing: hastily });
}

/** What became of each record of a batch: published, or why not. */
async function fates(bridge: Bridge): Promise<{ published: string[]; codes: string[] }> {
  const letters = await bridge.operations.deadLetters({ limit: 10_000 });
  return { published: (await bridge.published('journey')).map(({ id }) => id), codes: letters.map(({ code }) => code) };
}

const batches: Readonly<Record<string, { batchId: string; published: readonly string[]; codes?: readonly string[] }>> =
  {
    documented: { batchId: '1642925639481', published: ['25faa70a-5b09-5ad8-a427-a034f31a5dd6'] },
    'id-as-number': { batchId: '1642925639481', published: ['n-0'] },
    'id-beyond-2-to-the-53': { batchId: '9007199254740993', published: ['n-0'] },
    'id-that-needs-encoding': { batchId: 'a/b?c#d %ü', published: ['n-0'] },
    'of-0': { batchId: '77', published: [] },
    'of-1000': { batchId: '77', published: Array.from({ length: 1_000 }, (_, index) => `n-${index}`) },
    'of-other-things': { batchId: '77', published: ['n-4'], codes: Array(4).fill('RECORD_MALFORMED') as string[] },
    'one-of-three-not-utf8': { batchId: '77', published: ['n-0', 'n-2'], codes: ['RECORD_NOT_UTF8'] },
    'one-without-id': { batchId: '77', published: ['n-0', 'n-2'], codes: ['RECORD_WITHOUT_ID'] },
    'repeated-notifications': { batchId: '77', published: ['n-0'] },
    'unknown-fields': { batchId: '77', published: ['n-0'] },
    'with-byte-order-mark': { batchId: '77', published: ['n-0'] },
    'with-duplicate-ids': { batchId: '77', published: ['n-0', 'n-0', 'n-0'] },
    'with-tenant': { batchId: '77', published: ['n-0', 'n-1'] },
  };

describe('a batch', () => {
  test.each(fixtureNames('batches'))(
    '%s goes through, or into the dead letters, and what follows flows',
    async (name) => {
      const expected = batches[name];
      await using simulator = await startFenergoSimulator();
      simulator.enqueue('journey', fixture(`batches/${name}.body`), expected?.batchId);
      simulator.enqueue('journey', batchBody('after', [good]), 'after');
      await using bridge = await start(simulator);
      expect(await simulator.drained(10_000)).toBe(true);
      await bridge.recorder.seen('batch.completed', 2);
      expect(await fates(bridge)).toEqual({
        published: [...(expected?.published ?? []), 'good'],
        codes: expected?.codes ?? [],
      });
      expect(simulator.ledger('journey').map(({ completedBy }) => completedBy)).toEqual(['client', 'client']);
    },
  );
});

const recordCodes: Readonly<Record<string, string>> = {
  'encoded-surrogate': 'RECORD_NOT_UTF8',
  'empty-id': 'RECORD_WITHOUT_ID',
  'event-type-of-another-kind': 'RECORD_INVALID',
  'id-only-in-prototype': 'RECORD_WITHOUT_ID',
  'id-with-control-character': 'RECORD_INVALID',
  'not-utf8': 'RECORD_NOT_UTF8',
  'number-as-id': 'RECORD_WITHOUT_ID',
  'truncated-utf8': 'RECORD_NOT_UTF8',
  'without-event-type': 'RECORD_INVALID',
  'without-id': 'RECORD_WITHOUT_ID',
  array: 'RECORD_MALFORMED',
  null: 'RECORD_MALFORMED',
  text: 'RECORD_MALFORMED',
};
/** With them the batch around them is no JSON, or has no record. */
const breakingBatch: readonly string[] = ['empty', 'not-json'];

test('every record that is JSON arrives byte for byte: in the log, or in the dead letters with code and reason', async () => {
  await using simulator = await startFenergoSimulator();
  const names = fixtureNames('records').filter((name) => !breakingBatch.includes(name));
  for (const name of names) {
    simulator.enqueue('journey', batchBody(name, [fixture(`records/${name}.body`), good]), name);
  }
  await using bridge = await start(simulator);
  expect(await simulator.drained(10_000)).toBe(true);
  await bridge.recorder.seen('batch.completed', names.length);

  const lines = (await bridge.published('journey')).map(({ line }) => line);
  const letters = await bridge.operations.deadLetters({ limit: 100 });
  for (const name of names) {
    const bytes = fixture(`records/${name}.body`);
    const letter = letters.find(({ batchId }) => batchId === name);
    expect([name, letter?.code]).toEqual([name, recordCodes[name]]);
    if (letter === undefined) {
      const line = lines.find((candidate) => candidate.includes(`"batchid":"${name}","data":`)) ?? '';
      // Between tokens a line break is made of spaces in the log; nothing else is touched.
      expect(line).toContain(`"data":${bytes.toString().replaceAll(/[\r\n]/g, ' ')}}`);
    } else {
      expect(Buffer.compare(letter.record.bytes, bytes)).toBe(0);
      expect(letter).toMatchObject({
        feed: 'fenergo/journey',
        stage: 'normalise',
        index: 0,
        attempts: 1,
        batchId: name,
      });
      expect(letter.reason).toContain(name);
    }
  }
  expect(lines).toHaveLength(2 * names.length - letters.length);
  expect(lines.filter((line) => line.includes('"id":"good"') && line.includes(good))).toHaveLength(names.length);
  expect(Object.prototype).not.toHaveProperty('tenantId');
});

/** They name their id all the same, so that the operator need not. */
const salvageable: readonly string[] = [
  'not-json-inside',
  'trailing-text',
  'truncated',
  'with-a-record-that-is-no-json',
];

describe('an answer that is no batch', () => {
  test.each([
    ...fixtureNames('broken').map((name) => [name, fixture(`broken/${name}.body`)] as const),
    ['with-a-record-that-is-no-json', batchBody('77', [fixture('records/not-json.body')])] as const,
  ])('%s stays upstream, halts its feed alone and says why; set aside it is kept byte for byte', async (name, body) => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'document', events: 20 }] });
    const batchId = name === 'truncated' ? '1642925639481' : '77';
    simulator.enqueue('journey', body, batchId);
    simulator.enqueue('journey', batchBody('after', [good]), 'after');
    await using bridge = await start(simulator, ['journey', 'document']);
    const { feed, error } = await bridge.recorder.seen('feed.halted');
    expect([feed, error.code]).toEqual(['fenergo/journey', 'BATCH_UNREADABLE']);
    expect(error.hint).toContain('feedferry set-aside fenergo/journey');
    expect(simulator.ledger('journey')).toMatchObject([{ fetches: 10, completed: null, completeCalls: 0 }]);
    await expect.poll(() => simulator.stats().feeds.document.completedEvents).toBe(20);

    const options = salvageable.includes(name) ? {} : { batchId };
    await bridge.operations.setAside('fenergo/journey', { reason: 'broken for good', ...options });
    expect(await simulator.drained(10_000)).toBe(true);
    const letters = await bridge.operations.deadLetters({ limit: 10 });
    expect(letters).toMatchObject([
      { code: 'BATCH_SET_ASIDE', reason: 'broken for good', stage: 'operator', batchId, feed: 'fenergo/journey' },
    ]);
    expect(Buffer.compare(letters[0]?.record.bytes ?? Buffer.of(1), body)).toBe(0);
    await expect.poll(async () => (await fates(bridge)).published).toEqual(['good']);
  });

  test.each(['truncate', 'html', 'reset'] as const)(
    'for a while (%s) is asked for again, and nothing is lost',
    async (kind) => {
      await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 30 }] });
      simulator.addFault({ kind, skip: 1, times: 4 });
      await using bridge = await start(simulator);
      expect(await simulator.drained(10_000)).toBe(true);
      await bridge.drain();
      expect((await bridge.published('journey')).map(({ id }) => id)).toEqual(handedOut(simulator.ledger('journey')));
      expect(bridge.recorder.of('feed.halted')).toEqual([]);
      expect(bridge.recorder.of('attempt.failed').length).toBeGreaterThanOrEqual(4);
    },
  );
});

test('a payload of 10 MB goes through byte for byte', async () => {
  await using simulator = await startFenergoSimulator();
  const record = `{"id":"large","eventType":"journey:x","payload":"${'é'.repeat(5 * 1024 ** 2)}"}`;
  simulator.enqueue('journey', batchBody('1', [good, record, good]), '1');
  await using bridge = await start(simulator);
  expect(await simulator.drained(10_000)).toBe(true);
  await bridge.drain();
  const [, large, ...rest] = await bridge.published('journey');
  expect(large?.line.endsWith(`"data":${record}}`)).toBe(true);
  expect(rest.map(({ id }) => id)).toEqual(['good']);
});

test('an answer beyond maxResponse halts its feed and is not read', async () => {
  await using simulator = await startFenergoSimulator();
  simulator.enqueue('journey', batchBody('1', [good, JSON.stringify('x'.repeat(5_000))]), '1');
  const from = ['feeds: [journey]', 'maxResponse: 4KiB'];
  await using bridge = await startBridge({ baseUrl: simulator.baseUrl, from, timing: hastily });
  const { error } = await bridge.recorder.seen('feed.halted');
  expect(error.code).toBe('RESPONSE_TOO_LARGE');
  expect(simulator.ledger('journey')).toMatchObject([{ completeCalls: 0, completed: null }]);
});

test('a flood of poison halts that feed before it is set aside, and leaves it untouched upstream; the others drain', async () => {
  await using simulator = await startFenergoSimulator({ fill: [{ feed: 'document', events: 500 }] });
  const flood = Array.from({ length: 100 }, (_, index) => `{"n":${index}}`);
  simulator.enqueue('journey', batchBody('good', [good]), 'good');
  simulator.enqueue('journey', batchBody('some', flood.slice(0, 40)), 'some');
  simulator.enqueue('journey', batchBody('flood', flood.slice(0, 70)), 'flood');
  await using bridge = await start(simulator, ['journey', 'document']);
  const { error } = await bridge.recorder.seen('feed.halted');
  expect(error.code).toBe('POISON_FLOOD');
  await expect.poll(() => simulator.stats().feeds.document.completedEvents).toBe(500);
  expect(simulator.ledger('journey').map(({ completed }) => completed !== null)).toEqual([true, true, false]);
  expect(simulator.ledger('journey').at(-1)).toMatchObject({ batchId: 'flood', completeCalls: 0 });
  expect((await fates(bridge)).codes).toEqual(Array(40).fill('RECORD_WITHOUT_ID'));

  // An operator who has looked at it lets it go.
  await bridge.operations.resume('fenergo/journey', 'they may be set aside');
  expect(await simulator.drained(10_000)).toBe(true);
  await bridge.drain();
  expect(bridge.recorder.of('event.dead-lettered')).toHaveLength(110);
});
