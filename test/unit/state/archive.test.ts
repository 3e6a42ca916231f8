import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Archive, BatchReceipt, Page, PageQuery } from '../../../src/core/archive.ts';
import type { BridgeError } from '../../../src/core/errors.ts';
import { openArchive } from '../../../src/state/archive/open-archive.ts';

const day = 86_400_000;
const feed = 'fenergo/journey';
const plenty = { maxAgeMs: 30 * day, maxBytes: 2 ** 30 };
const always = { from: new Date(0), to: new Date(8.64e15) };

let dir: string;
let refused: BridgeError[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'feedferry-archive-'));
  refused = [];
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function open({ receipts = plenty, raw = plenty } = {}): Archive {
  return openArchive({ dir, receipts, raw, onDropped: (error) => void refused.push(error) });
}

function receiptOf(batch: number, { at = Date.now(), name = feed } = {}) {
  const event = (index: number) => ({
    id: `event-${batch}-${index}`,
    correlationId: `case-${batch}`,
    destination: 'fenergo.journey',
    receipt: { topic: 'fenergo.journey', partition: 0, offset: String(batch * 2 + index) },
  });
  return {
    feed: name as typeof feed,
    batchId: `batch-${batch}`,
    fetchedAt: new Date(at - 20),
    publishedAt: new Date(at),
    events: [event(0), { ...event(1), destination: 'other' }],
  };
}

function rawOf(batch: number, at = Date.now(), text = '{"id":1}') {
  const record = (bytes: string) => ({
    bytes: Buffer.from(bytes),
    mediaType: 'application/json',
    headers: { 'x-number': String(batch) },
    receivedAt: new Date(at),
  });
  return {
    feed,
    batchId: `batch-${batch}`,
    fetchedAt: new Date(at),
    records: [record(text), record(''), record('ü')],
  } as const;
}

async function everything<Item>(range: (query: PageQuery) => Promise<Page<Item>>) {
  const found: Item[] = [];
  let after: number | undefined;
  do {
    const page = await range({ feed, ...always, after, limit: 3 });
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return found;
}

describe('receipts', () => {
  test('are found by batch id, event id and correlation id, at once and after a restart', async () => {
    const receipt = receiptOf(1);
    const whole: BatchReceipt = { ...receipt, completedAt: null };
    async function look(archive: Archive) {
      expect(await archive.receipts.trace('batch-1', 10)).toEqual([whole]);
      expect(await archive.receipts.trace('case-1', 10)).toEqual([whole]);
      expect(await archive.receipts.trace('event-1-1', 10)).toEqual([{ ...whole, events: [receipt.events[1]] }]);
      expect(await archive.receipts.trace('event-1', 10)).toEqual([]);
    }
    {
      await using archive = open();
      archive.receipts.published(receiptOf(0));
      archive.receipts.published(receipt);
      await look(archive);
    }
    await using again = open();
    await look(again);
  });

  test('are found among thousands, each by its own names only', async () => {
    {
      await using archive = open();
      for (let batch = 0; batch < 5_000; batch++) archive.receipts.published(receiptOf(batch));
    }
    await using archive = open();
    for (let batch = 5_000; batch < 10_000; batch++) archive.receipts.published(receiptOf(batch));
    for (const batch of [0, 1, 2_047, 4_999, 5_000, 9_999]) {
      const found = await archive.receipts.trace(`case-${batch}`, 10);
      expect(found.map(({ batchId }) => batchId)).toEqual([`batch-${batch}`]);
    }
    expect(await archive.receipts.trace('case-10000', 10)).toEqual([]);
  });

  test('say when upstream accepted the ack, of the last publication of a batch', async () => {
    await using archive = open();
    archive.receipts.published(receiptOf(1, { at: 1_000_000 }));
    archive.receipts.published(receiptOf(1, { at: 2_000_000 }));
    archive.receipts.published(receiptOf(1, { name: 'fenergo/document' }));
    archive.receipts.completed(feed, 'batch-1', new Date(3_000_000));
    const found = await archive.receipts.trace('batch-1', 10);
    expect(found.map((each) => each.completedAt?.getTime())).toEqual([undefined, 3_000_000, undefined]);
  });

  test('are given in pages, in the order of publication, of one feed and a time', async () => {
    await using archive = open();
    const all = Array.from({ length: 10 }, (_, at) => receiptOf(at, { at: 1_000 * at }));
    for (const receipt of all) archive.receipts.published(receipt);
    archive.receipts.published(receiptOf(11, { name: 'fenergo/document' }));
    const ids = (await everything((query) => archive.receipts.range(query))).map(({ batchId }) => batchId);
    expect(ids).toEqual(all.map(({ batchId }) => batchId));
    const { items } = await archive.receipts.range({ feed, from: new Date(3_000), to: new Date(5_000), limit: 10 });
    expect(items.map(({ batchId }) => batchId)).toEqual(['batch-3', 'batch-4']);
  });

  test('tell at which of several destinations an event is', async () => {
    const receipt = receiptOf(1);
    const events = receipt.events.flatMap((event) => [
      { ...event, to: 'kafka (to[0])' },
      { ...event, to: 'kafka (to[1])' },
      event,
    ]);
    await using archive = open();
    archive.receipts.published({ ...receipt, events });
    expect(await archive.receipts.trace('batch-1', 10)).toMatchObject([{ events }]);
  });

  test('are counted by batch, once for each publication, of one feed', async () => {
    await using archive = open();
    const [event] = receiptOf(1).events;
    const twice = { ...receiptOf(1, { at: 2_000 }), events: event ? [event, event, event] : [] };
    for (const receipt of [
      receiptOf(1, { at: 1_000 }),
      twice,
      receiptOf(2),
      receiptOf(1, { name: 'fenergo/document' }),
    ]) {
      archive.receipts.published(receipt);
    }
    expect(await archive.receipts.tally(feed, ['batch-1', 'batch-1', 'batch-9'])).toEqual([
      { batchId: 'batch-1', publishedAt: new Date(1_000), receipts: 2, ids: 2 },
      { batchId: 'batch-1', publishedAt: new Date(2_000), receipts: 3, ids: 1 },
    ]);
  });

  test('that are too old go, with all that they were found by', async () => {
    const published = Date.now() - 40 * day;
    await using archive = open();
    archive.receipts.published(receiptOf(1, { at: published }));
    archive.receipts.published(receiptOf(2));
    await archive.prune();
    expect(await archive.receipts.trace('event-1-0', 10)).toEqual([]);
    expect(await archive.receipts.trace('event-2-0', 10)).toHaveLength(1);
  });

  test('never take much more room than they may, and the newest stay', async () => {
    const maxBytes = 2 ** 20;
    await using archive = open({ receipts: { ...plenty, maxBytes } });
    for (let batch = 0; batch < 10_000; batch++) archive.receipts.published(receiptOf(batch));
    await archive.prune();
    const { receipts } = await archive.use();
    expect(receipts.bytes).toBeLessThanOrEqual(maxBytes);
    expect(await archive.receipts.trace('event-0-0', 10)).toEqual([]);
    expect(await archive.receipts.trace('event-9999-1', 10)).toHaveLength(1);
  });
});

describe('raw batches', () => {
  test('come back byte for byte, in order, also after a restart', async () => {
    const all = Array.from({ length: 7 }, (_, at) => rawOf(at, 1_000 * at, JSON.stringify('x'.repeat(at * 1_000))));
    {
      await using archive = open();
      for (const batch of all) archive.raw.keep(batch);
    }
    await using archive = open();
    const found = await everything((query) => archive.raw.range(query));
    const readable = (batches: typeof found) =>
      batches.map((batch) => ({
        ...batch,
        records: batch.records.map((record) => ({ ...record, bytes: Buffer.from(record.bytes).toString() })),
      }));
    expect(readable(found)).toEqual(readable(all));
  });

  test('that are a part of one say where they begin', async () => {
    const parts = [rawOf(1), { ...rawOf(1), offset: 3 }, rawOf(2)];
    await using archive = open();
    for (const part of parts) archive.raw.keep(part);
    const found = await everything((query) => archive.raw.range(query));
    expect(found.map((part) => [part.batchId, part.offset])).toEqual([
      ['batch-1', undefined],
      ['batch-1', 3],
      ['batch-2', undefined],
    ]);
  });

  test('shrink on the disk, and the oldest go beyond the bounds', async () => {
    const maxBytes = 2 ** 20;
    const text = JSON.stringify(Array.from({ length: 1_000 }, (_, at) => ({ name: `number ${at}`, state: 'open' })));
    await using archive = open({ raw: { ...plenty, maxBytes } });
    archive.raw.keep(rawOf(0, Date.now() - 40 * day));
    await archive.use();
    for (let batch = 1; batch <= 100; batch++) archive.raw.keep(rawOf(batch, Date.now(), text));
    const before = (await archive.use()).raw.bytes;
    expect(before).toBeLessThan((100 * text.length) / 2);
    for (let batch = 101; batch <= 2_000; batch++) {
      archive.raw.keep(rawOf(batch, Date.now(), text + batch));
      if (batch % 500 === 0) await archive.use();
    }
    await archive.prune();
    expect((await archive.use()).raw.bytes).toBeLessThanOrEqual(maxBytes);
    const found = await everything((query) => archive.raw.range(query));
    expect(found.at(-1)?.batchId).toBe('batch-2000');
    expect(found[0]?.batchId).not.toBe('batch-0');
  });
});

describe('files of the archive', () => {
  test('that are damaged are set apart, and new ones begun', async () => {
    {
      await using archive = open();
      archive.receipts.published(receiptOf(1));
    }
    await writeFile(join(dir, 'receipts.db'), 'this is no database');
    await using archive = open();
    archive.receipts.published(receiptOf(2));
    expect(await archive.receipts.trace('event-2-0', 10)).toHaveLength(1);
    expect(await readdir(dir)).toContain('receipts.db.damaged');
    expect(refused).toEqual([]);
  });

  test('hold up nobody: what comes faster than the disk takes it is dropped, and counted', async () => {
    const text = JSON.stringify('x'.repeat(2 ** 20));
    await using archive = open();
    for (let batch = 1; batch <= 50; batch++) archive.raw.keep(rawOf(batch, Date.now(), text));
    const { dropped } = (await archive.use()).raw;
    expect(dropped).toBeGreaterThan(10);
    expect(await everything((query) => archive.raw.range(query))).toHaveLength(50 - dropped);
  });

  test('that cannot be written cost entries, which are counted, and nothing else', async () => {
    await rm(dir, { recursive: true });
    await appendFile(dir, 'a file, where the folder should be');
    await using archive = open();
    archive.receipts.published(receiptOf(1));
    archive.receipts.published(receiptOf(2));
    await expect(archive.use()).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
    expect(refused).toMatchObject([{ code: 'STATE_UNWRITABLE' }]);
    await rm(dir);
  });
});
