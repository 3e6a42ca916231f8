import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimsOpener } from '../../src/claims/open-claims.ts';
import type { Sink } from '../../src/core/sink.ts';
import { claimFile } from '../support/contents/session-bridge.ts';
import { ownSqsSuite } from '../support/sqs/acquire.ts';
import { createQueue, drainQueue } from '../support/sqs/protocol.ts';
import { event, openSink, publish, summary, uniqueName } from '../support/sqs/sink-calls.ts';
import { createWorkplace } from '../support/workplace.ts';

const suite = await ownSqsSuite();

const large = JSON.stringify({ text: 'ü'.repeat(1_000_000) });

let resources: AsyncDisposableStack;
let root: string;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  root = resources.use(await createWorkplace()).path;
});
afterEach(() => resources.disposeAsync());

suite('events that are too large for SQS', ({ endpoint }) => {
  async function sinkWith(more: object = {}, kind = '.fifo') {
    const name = `${uniqueName('large')}${kind}`;
    const url = await createQueue(endpoint, name);
    const claimCheck = { store: { dir: 'claims' }, ...more };
    const openClaims = claimsOpener(root, resources);
    const sink: Sink = resources.use(await openSink(endpoint, name, {}, { claimCheck, openClaims }));
    return { sink, messages: async () => await drainQueue(endpoint, url) };
  }

  test('arrive as a claim check, in order among the others, whose file has the data', async () => {
    const { sink, messages } = await sinkWith();
    const sent = [event({ id: 'a' }), event({ id: 'b', data: large }), event({ id: 'c' })];
    expect(summary(await publish(sink, sent))).toEqual(['confirmed', 'confirmed', 'confirmed']);
    const [before, claimed, after] = (await messages()).map(({ body }) => JSON.parse(body) as Record<string, string>);
    expect([before?.['id'], after?.['id']]).toEqual(['a', 'c']);
    const sha256 = createHash('sha256').update(large).digest('hex');
    expect(claimed).toEqual({
      specversion: '1.0',
      id: 'b',
      source: '/test',
      type: 'com.example.tested',
      datacontenttype: 'application/json',
      partitionkey: 'key',
      dataref: `claims/${sha256}.json`,
      datasha256: sha256,
      datalength: String(Buffer.byteLength(large)),
    });
    expect(await readFile(claimFile(join(root, 'claims'), claimed?.['dataref'] ?? ''), 'utf8')).toBe(large);
  });

  test('are those above the limit that is set, and the same data are kept once', async () => {
    const { sink, messages } = await sinkWith({ above: '64KiB' }, '');
    const data = JSON.stringify({ text: 'x'.repeat(65_536) });
    await publish(sink, [event({ data }), event({ data }), event()]);
    const refs = (await messages()).map(({ body }) => (JSON.parse(body) as { dataref?: string }).dataref);
    expect(new Set(refs).size).toBe(2);
    const files = await readdir(join(root, 'claims'), { recursive: true });
    expect(files.filter((name) => name.endsWith('.json'))).toHaveLength(1);
  });

  test('wait, with what follows in their message group, while the store cannot be written', async () => {
    const { sink, messages } = await sinkWith();
    const sha256 = createHash('sha256').update(large).digest('hex');
    await writeFile(join(root, 'claims', sha256.slice(0, 2)), 'in the way');
    const sent = [event({ id: 'a', data: large }), event({ id: 'b' }), event({ id: 'c', key: 'other' })];
    const deliveries = await publish(sink, sent);
    expect(summary(deliveries)).toEqual(['failed CLAIMS_UNWRITABLE', 'failed NOT_SENT', 'confirmed']);
    expect((await messages()).map(({ body }) => (JSON.parse(body) as { id: string }).id)).toEqual(['c']);
  });
});
