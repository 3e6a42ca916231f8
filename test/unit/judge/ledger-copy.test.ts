import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openState } from '../../../src/state/open.ts';
import { readLedger, readLedgerParts } from '../../support/judge/ledger-copy.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'feedferry-judge-'));
});

afterEach(() => rm(dir, { recursive: true }));

it('finds what was entered, without the help of the process that holds the ledger', async () => {
  await using state = await openState({ dir, mode: 'exclusive' });
  const entry = { digest: 'd', events: 1, whereabouts: '', publishedAt: new Date() };
  await state.ledger.enter({ ...entry, feed: 'fenergo/journey', batchId: '1' });
  await state.ledger.enter({ ...entry, feed: 'fenergo/screening', batchId: '7' });
  expect(await readLedger(dir)).toEqual(new Set(['journey/1', 'screening/7']));
});

it('finds which of several destinations are done with a batch', async () => {
  await using state = await openState({ dir, mode: 'exclusive' });
  const key = { feed: 'fenergo/journey', batchId: '1', digest: 'd' } as const;
  const part = { ...key, events: 1, publishedAt: new Date() };
  await state.ledger.enterPart({ ...part, destination: 'a1', whereabouts: 'kafka: fenergo.journey/0 @ 8-9' });
  await state.ledger.enterPart({ ...part, destination: 'b2', whereabouts: 'rabbitmq: fenergo' });
  expect(await readLedgerParts(dir)).toEqual(new Set(['journey/1 at kafka', 'journey/1 at rabbitmq']));
  expect(await readLedger(dir)).toEqual(new Set());
});

it('finds nothing where there is no ledger yet', async () => {
  expect(await readLedger(dir)).toEqual(new Set());
  expect(await readLedgerParts(dir)).toEqual(new Set());
});
