import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256hex } from '../../../src/core/digest.ts';
import { feed, type Laboratory, openLaboratory } from './support.ts';

let laboratory: Laboratory;
beforeEach(async () => {
  laboratory = await openLaboratory();
});
afterEach(() => laboratory[Symbol.asyncDispose]());

const query = { feed, from: new Date(0), to: new Date(1e9), limit: 100 } as const;

async function published(batchId: string, seconds: number, events: number, receipts: readonly string[] | undefined) {
  const at = new Date(seconds * 1_000);
  const { state, archive } = laboratory;
  if (receipts) {
    const places = receipts.map((id) => ({ id, destination: 'q', receipt: {} }));
    archive.receipts.published({ feed, batchId, fetchedAt: at, publishedAt: at, events: places });
  }
  const digest = sha256hex(Buffer.from(`${batchId} ${seconds}`));
  await state.ledger.enter({ feed, batchId, digest, events, whereabouts: 'q', publishedAt: at });
}

describe('what the ledger knows and the receipts do not', () => {
  it('is found, and nothing else', async () => {
    await published('whole', 1, 2, ['a', 'b']);
    await published('two destinations', 2, 2, ['a', 'a', 'b', 'b']);
    await published('states', 3, 2, ['a', 'a']);
    await published('nothing was published', 4, 0, undefined);
    await published('too few', 5, 3, ['a', 'b']);
    await published('one of two destinations twice', 6, 3, ['a', 'b', 'a', 'b']);
    await published('none', 7, 1, undefined);
    const page = await laboratory.operations().unreceipted(query);
    expect(page.batches).toBe(7);
    expect(page.items).toMatchObject([
      { batchId: 'too few', events: 3, receipts: 2 },
      { batchId: 'one of two destinations twice', events: 3, receipts: 2 },
      { batchId: 'none', events: 1, receipts: 0, whereabouts: 'q', publishedAt: new Date(7_000) },
    ]);
  });

  it('is told apart where an id was used again', async () => {
    await published('before', 1, 1, ['a']);
    await published('again', 2, 2, undefined);
    await published('again', 1_000, 2, ['a', 'b']);
    const { items } = await laboratory.operations().unreceipted(query);
    expect(items).toMatchObject([{ batchId: 'again', receipts: 0, publishedAt: new Date(2_000) }]);
  });

  it('is only counted where it is older than all receipts', async () => {
    await published('old', 1, 2, undefined);
    await published('new', 2, 1, ['a']);
    expect(await laboratory.operations().unreceipted(query)).toMatchObject({ batches: 2, expired: 1, items: [] });
  });

  it('is given in pages', async () => {
    for (let batch = 1; batch <= 5; batch++) await published(`${batch}`, batch, 1, undefined);
    const first = await laboratory.operations().unreceipted({ ...query, limit: 3 });
    expect(first.items.map(({ batchId }) => batchId)).toEqual(['1', '2', '3']);
    const rest = await laboratory.operations().unreceipted({ ...query, limit: 3, after: first.next });
    expect(rest.items.map(({ batchId }) => batchId)).toEqual(['4', '5']);
    expect(rest.next).toBeUndefined();
  });
});

describe('a replay', () => {
  it('is written down', async () => {
    const detail = { outcome: 'done', events: 3, destination: null };
    await laboratory.operations().recordReplay(feed, { reason: 'a consumer lost them', detail });
    expect(await laboratory.state.audit.list(1)).toMatchObject([
      { action: 'replay', feed, reason: 'a consumer lost them', detail },
    ]);
    const unknown = laboratory.operations().recordReplay('fenergo/none', { reason: 'r', detail });
    await expect(unknown).rejects.toMatchObject({ code: 'FEED_UNKNOWN' });
  });
});
