import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256hex } from '../../../src/core/digest.ts';
import type { Receipt } from '../../../src/core/sink.ts';
import { openArchive } from '../../../src/state/archive/open-archive.ts';
import { openState } from '../../../src/state/open.ts';
import { closedPort } from '../../support/closed-port.ts';
import { runHere } from './support.ts';

const feed = 'fenergo/journey';
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'feedferry-audit-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function configure(broker: string, to: string) {
  await writeFile(join(dir, 'p'), 'secret');
  const text = [
    'version: 1',
    'state: { dir: state }',
    `brokers: { out: ${broker} }`,
    'pipelines:',
    '  fenergo:',
    '    from: { connector: fenergo, baseUrl: "http://127.0.0.1:9", feeds: [journey, document] }',
    `    to: ${to}`,
  ];
  await writeFile(join(dir, 'feedferry.yaml'), text.join('\n'));
}

/** A batch of the ledger, and what receipts there are of it. */
async function published(events: number, ...receipts: readonly Receipt[]) {
  const at = new Date();
  const bounds = { maxAgeMs: 1e9, maxBytes: 1e9 };
  const stateDir = join(dir, 'state');
  await using state = await openState({ dir: stateDir, mode: 'exclusive' });
  const options = { dir: stateDir, receipts: bounds, raw: bounds };
  await using archive = openArchive({ ...options, onDropped: ({ message }) => expect.fail(message) });
  const named = receipts.map((receipt, index) => ({ id: `e\u001b${index}`, source: '/s', destination: 'q', receipt }));
  archive.receipts.published({ feed, batchId: '7', fetchedAt: at, publishedAt: at, events: named });
  const digest = sha256hex(Buffer.from('x'));
  await state.ledger.enter({ feed, batchId: '7', digest, events, whereabouts: 'q', publishedAt: at });
}

const audit = (...args: readonly string[]) =>
  runHere(['audit', '-c', join(dir, 'feedferry.yaml'), '--from', '1h', ...args]);

const rabbitmq = [
  '{ type: rabbitmq, url: "amqp://127.0.0.1:1", username: u, password: "${file:p}" }',
  '{ broker: out, exchange: x, routingKey: k }',
] as const;
const sqs = [
  '{ type: sqs, region: eu-central-1, endpoint: "http://127.0.0.1:1" }',
  '{ broker: out, queue: q }',
] as const;

describe('audit', () => {
  it.each([
    ['rabbitmq', ...rabbitmq],
    ['sqs', ...sqs],
  ])('takes no message out of a queue of %s, and says what that means', async (type, broker, to) => {
    await configure(broker, to);
    await published(2, { messageId: 'a' }, { messageId: 'b' });
    const { code, stdout, stderr } = await audit();
    expect(stderr).toContain(`out: a broker of type ${type} cannot be read without taking messages away.`);
    expect(stderr).toContain('each of these 2 events has a receipt');
    expect(stdout).toMatch(/fenergo\/journey +out +2 +0 +0 +0 +0 +0 +2\n$/);
    expect(code).toBe(0);
  });

  it('finds there what was published without a receipt', async () => {
    await configure(...rabbitmq);
    await published(3, { messageId: 'a' }, { messageId: 'b' });
    const { code, stdout, stderr } = await audit(feed);
    expect(code).toBe(1);
    expect(stdout).toMatch(/without receipt {2}fenergo\/journey {2}batch 7 .*: of 3 events, 2 have a receipt/);
    expect(stderr).toContain('1 in the ledger, 1 without all receipts.');
  });

  it('gives one object for each feed as JSON, and lets no event write to the terminal', async () => {
    await configure('{ type: log, dir: events }', '{ broker: out }');
    await published(1, { topic: 't', offset: 3 });
    const { code, stdout } = await audit('fenergo', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        feed,
        batches: 1,
        brokers: [{ broker: 'out', type: 'log', verdicts: { missing: 1 } }],
        problems: [{ kind: 'missing' }],
      },
      { feed: 'fenergo/document', batches: 0, brokers: [], problems: [] },
    ]);
    const { stdout: shown } = await audit(feed);
    expect(shown).toMatch(/missing {2}fenergo\/journey .* event e\\x1b0 {2}out topic=t offset=3: there is no topic t/);
  });

  it('says when a broker cannot be asked', async () => {
    const bootstrap = `127.0.0.1:${await closedPort()}`;
    await configure(`{ type: kafka, bootstrap: ["${bootstrap}"], confirmTimeout: 200ms }`, '{ broker: out, topic: t }');
    await published(1, { topic: 't', partition: 0, offset: 3 });
    const { code, stdout, stderr } = await audit(feed);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^fenergo\/journey {2}BROKER_/m);
  }, 30_000);
});
