import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import kafkajs, { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import type { FeedAudit } from '../../../src/audit/findings.ts';
import type { EventReceipt } from '../../../src/core/archive.ts';
import type { Receipt } from '../../../src/core/sink.ts';
import { openArchive } from '../../../src/state/archive/open-archive.ts';
import { type Bridge, type BridgeOptions, startBridge } from '../../support/daemon.ts';
import { kafkaSuite } from '../../support/kafka/acquire.ts';
import { createTopic, createTopics, uniqueName } from '../../support/kafka/topics.ts';
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

const fileName = () => join(workplace.path, 'feedferry.yaml');

type Brokers = Pick<BridgeOptions, 'brokers' | 'to'>;

async function writeConfiguration({ brokers = local, to = '{ broker: local }' }: Brokers, admin = '127.0.0.1:0') {
  const text = `version: 1
state: { dir: state }
listen: { health: "127.0.0.1:0", admin: "${admin}" }
brokers: ${brokers}
pipelines:
  fenergo:
    from: { connector: fenergo, baseUrl: "${simulator.baseUrl}", ${from.join(', ')} }
    to: ${to}
`;
  await writeFile(fileName(), text);
}

/** Lets a bridge carry everything, and leaves its configuration. `meanwhile`: before it ends. */
async function carried(brokers: Brokers = {}, meanwhile: (bridge: Bridge) => Promise<void> = async () => {}) {
  await using bridge = await startBridge({ baseUrl: simulator.baseUrl, workplace, from, ...brokers });
  expect(await simulator.drained(20_000)).toBe(true);
  await bridge.recorder.seen('batch.completed', events / 10);
  await writeConfiguration(brokers, new URL(bridge.adminUrl).host);
  await meanwhile(bridge);
}

const audit = (args: readonly string[] = [], options?: HostOptions) =>
  runHere(['audit', feed, '-c', fileName(), '--from', '1h', ...args], options);

async function audited(): Promise<{ readonly code: number; readonly audit: FeedAudit | undefined }> {
  const { code, stdout, stderr } = await audit(['--json']);
  if (stdout === '') throw new Error(stderr);
  const [found] = JSON.parse(stdout) as readonly FeedAudit[];
  return { code, audit: found };
}

const verdictsOf = ({ audit: found }: Awaited<ReturnType<typeof audited>>) =>
  Object.fromEntries(Object.entries(found?.brokers[0]?.verdicts ?? {}).filter(([, count]) => count > 0));

/** Adds a receipt that no broker has given. */
async function plant(...receipts: readonly (readonly [string, Receipt])[]) {
  const bounds = { maxAgeMs: 1e9, maxBytes: 1e9 };
  const dir = join(workplace.path, 'state');
  await using archive = openArchive({
    dir,
    receipts: bounds,
    raw: bounds,
    onDropped: (error) => expect.fail(error.message),
  });
  const now = new Date();
  const planted = receipts.map(([id, receipt]): EventReceipt => ({ id, destination: 'planted', receipt }));
  archive.receipts.published({ feed, batchId: 'planted', fetchedAt: now, publishedAt: now, events: planted });
}

describe('an audit of a log', () => {
  test('finds everything, through a running daemon and without one', async () => {
    await carried({}, async () => {
      expect(await audited()).toMatchObject({ code: 0, audit: { batches: 4, ledger: { batches: 4 }, problems: [] } });
    });
    const alone = await audited();
    expect(alone).toMatchObject({ code: 0, audit: { feed, batches: 4, ledger: { batches: 4, withoutReceipt: 0 } } });
    expect(verdictsOf(alone)).toEqual({ found: events });
    const { code, stdout, stderr } = await audit();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^FEED +BROKER +RECEIPTS +FOUND .*\nfenergo\/journey +local +40 +40 +0 .*\n$/);
    expect(stderr).toContain('4 batches in the receipts; 4 in the ledger, all with a receipt for each event.');
  });

  test('finds the event that is another one, and those that are cut off', async () => {
    await carried();
    const segment = join(workplace.path, 'events', 'fenergo.journey', '00000000000000000000.ndjson');
    const lines = (await readFile(segment, 'utf8')).split('\n');
    const { id } = JSON.parse(lines[7] ?? '') as { readonly id: string };
    await writeFile(
      segment,
      `${lines
        .with(7, (lines[7] ?? '').replace(id, 'somebody-else'))
        .slice(0, 38)
        .join('\n')}\n`,
    );
    const found = await audited();
    expect(found.code).toBe(1);
    expect(verdictsOf(found)).toEqual({ found: 37, different: 1, missing: 2 });
    expect(found.audit?.problems).toMatchObject([
      { kind: 'different', id, receipt: { offset: 7 }, detail: expect.stringContaining('somebody-else') },
      { kind: 'missing', receipt: { offset: 38 } },
      { kind: 'missing', receipt: { offset: 39 } },
    ]);
    expect((await audit(['--limit', '1'])).stdout).toMatch(
      /\ndifferent {2}fenergo\/journey {2}batch \S+ {2}\S+Z {2}event /,
    );
  });

  test('does not call lost what retention has removed', async () => {
    await carried({ brokers: '{ local: { type: log, dir: ./events, segmentBytes: 8KiB } }' });
    await rm(join(workplace.path, 'events', 'fenergo.journey', '00000000000000000000.ndjson'));
    const found = await audited();
    expect(found.code).toBe(0);
    expect(verdictsOf(found)).toEqual({ found: expect.any(Number), expired: expect.any(Number) });
  });

  test('finds batches whose receipts are gone', async () => {
    await carried();
    await rm(join(workplace.path, 'state', 'receipts.db'));
    const found = await audited();
    expect(found).toMatchObject({ code: 1, audit: { batches: 0, ledger: { batches: 4, withoutReceipt: 4 } } });
    expect(found.audit?.problems).toHaveLength(4);
  });

  test('keeps to the time, and says so when there is nothing', async () => {
    await carried();
    const { code, stdout, stderr } = await audit(['--to', '30m']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('Nothing was published within this time');
    expect(await runHere(['audit', 'fenergo/none', '-c', fileName(), '--from', '1h'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('FEED_UNKNOWN'),
    });
  });
});

describe('an audit of several destinations', () => {
  test('looks for each event at the broker that it went to', async () => {
    await carried({
      brokers: '{ one: { type: log, dir: ./one }, two: { type: log, dir: ./two } }',
      to: '[{ broker: one }, { broker: two }]',
    });
    await rm(join(workplace.path, 'two', 'fenergo.journey'), { recursive: true });
    const { code, audit: found } = await audited();
    expect(code).toBe(1);
    expect(found?.brokers).toMatchObject([
      { broker: 'one', verdicts: { found: events } },
      { broker: 'two', verdicts: { found: 0, missing: events } },
    ]);
  });
});

const suite = await kafkaSuite();

suite('an audit of Kafka', ({ bootstrap }) => {
  const brokersOf = (topic: string, more = '') => ({
    brokers: `{ kafka: { type: kafka, bootstrap: ["${bootstrap}"]${more} } }`,
    to: `{ broker: kafka, topic: ${topic} }`,
  });
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });

  test('finds everything in several partitions and in binary mode, with a daemon and without one', {
    timeout: 60_000,
  }, async () => {
    const topic = await createTopic(bootstrap, 'audited', { partitions: 3 });
    await carried({ ...brokersOf(topic), to: `{ broker: kafka, topic: ${topic}, mode: binary }` }, async () => {
      expect(verdictsOf(await audited())).toEqual({ found: events });
    });
    expect(await audited()).toMatchObject({ code: 0, audit: { batches: 4, problems: [] } });
  });

  test('finds what is missing, what is another event, and what is no longer kept', { timeout: 60_000 }, async () => {
    const topic = await createTopic(bootstrap, 'audited');
    await carried(brokersOf(topic));
    await plant(
      ['another', { topic, partition: 0, offset: 20 }],
      ['beyond', { topic, partition: 0, offset: 4_000 }],
      ['nowhere', { topic, partition: 9, offset: 0 }],
      ['no topic', { topic: `${topic}-none`, partition: 0, offset: 0 }],
      ['no place', { topic }],
    );
    const found = await audited();
    expect(found.code).toBe(1);
    expect(verdictsOf(found)).toEqual({ found: events, different: 1, missing: 3, unclear: 1 });
    expect(found.audit?.problems.map(({ id, kind }) => [id, kind])).toEqual([
      ['another', 'different'],
      ['beyond', 'missing'],
      ['nowhere', 'missing'],
      ['no topic', 'missing'],
      ['no place', 'unclear'],
    ]);
    const admin = kafka.admin();
    await admin.connect();
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '15' }] });
    await admin.disconnect();
    expect(verdictsOf(await audited())).toEqual({ found: 25, expired: 15, different: 1, missing: 3, unclear: 1 });
  });

  test('sees what is committed only', { timeout: 60_000 }, async () => {
    const topic = await createTopic(bootstrap, 'audited');
    const marks = uniqueName('marks');
    await createTopics(bootstrap, [marks], { config: { 'cleanup.policy': 'compact' } });
    await carried({
      ...brokersOf(topic),
      to: `{ broker: kafka, topic: ${topic}, marks: ${marks} }\n    delivery: exactly-once`,
    });
    expect(verdictsOf(await audited())).toEqual({ found: events });
    const producer = kafka.producer({
      transactionalId: uniqueName('aborting'),
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    const transaction = await producer.transaction();
    const value = JSON.stringify({ specversion: '1.0', id: 'aborted', source: `/${feed}` });
    const headers = { 'content-type': 'application/cloudevents+json' };
    const [sent] = await transaction.send({
      topic,
      messages: [{ value, headers }],
      acks: -1,
      compression: kafkajs.CompressionTypes.None,
    });
    await transaction.abort();
    await producer.disconnect();
    await plant(['aborted', { topic, partition: 0, offset: Number(sent?.baseOffset) }]);
    const found = await audited();
    expect(found.code).toBe(1);
    expect(verdictsOf(found)).toEqual({ found: events, missing: 1 });
    expect(found.audit?.problems).toMatchObject([{ id: 'aborted', detail: 'nothing that is committed is there' }]);
  });
});
