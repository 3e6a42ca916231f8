import { expect, test } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { BatchKey, Ledger, LedgerEntry } from '../../../src/core/state.ts';
import { rememberingLedger } from '../../../src/state/remembering-ledger.ts';
import { later, sampleEntry, samplePart } from '../../conformance/state/samples.ts';
import { open } from './sqlite-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

interface Bench extends AsyncDisposable {
  /** The wrapper under test. */
  readonly ledger: Ledger;
  /** The real one below it. */
  readonly written: Ledger;
  readonly failures: string[];
  broken: 'no' | 'writes' | 'reads';
}

async function bench(): Promise<Bench> {
  const directory = await temporaryDirectory();
  const state = await open(directory.path);
  const failures: string[] = [];
  const refuse = async () => {
    throw new BridgeError('STATE_UNWRITABLE', 'the disk is full');
  };
  const failing: Ledger = {
    ...state.ledger,
    find: (key) => (self.broken === 'reads' ? refuse() : state.ledger.find(key)),
    enter: (entry) => (self.broken === 'writes' ? refuse() : state.ledger.enter(entry)),
    enterPart: (part) => (self.broken === 'writes' ? refuse() : state.ledger.enterPart(part)),
    complete: (key, at) => (self.broken === 'writes' ? refuse() : state.ledger.complete(key, at)),
  };
  const self: Bench = {
    ledger: rememberingLedger(failing, (error: BridgeError, key: BatchKey) =>
      failures.push(`${error.code} ${key.batchId}`),
    ),
    written: state.ledger,
    failures,
    broken: 'no',
    async [Symbol.asyncDispose]() {
      await state[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
  return self;
}

const batch = (batchId: string): Omit<LedgerEntry, 'completedAt'> => sampleEntry({ batchId });

test('a ledger that works is used as it is', async () => {
  await using self = await bench();
  await self.ledger.enter(batch('1'));
  await self.ledger.complete(batch('1'), later(1));
  expect(await self.written.find(batch('1'))).toEqual({ ...batch('1'), completedAt: later(1) });
  expect(await self.ledger.prune(later(60))).toBe(1);
  expect(self.failures).toEqual([]);
});

test('an entry that cannot be written is found all the same, and the failure is told', async () => {
  await using self = await bench();
  self.broken = 'writes';
  await self.ledger.enter(batch('1'));
  expect(await self.ledger.find(batch('1'))).toEqual({ ...batch('1'), completedAt: null });
  expect(await self.ledger.find(sampleEntry({ batchId: '1', digest: 'other' }))).toBeUndefined();
  expect(await self.written.find(batch('1'))).toBeUndefined();
  expect(self.failures).toEqual(['STATE_UNWRITABLE 1']);
});

test('what was kept in memory is written with the next entry that works, with its completion', async () => {
  await using self = await bench();
  self.broken = 'writes';
  await self.ledger.enter(batch('1'));
  await self.ledger.enter(batch('2'));
  await self.ledger.complete(batch('1'), later(1));
  self.broken = 'no';
  await self.ledger.enter(batch('3'));
  expect(await self.written.find(batch('1'))).toEqual({ ...batch('1'), completedAt: later(1) });
  expect(await self.written.find(batch('2'))).toEqual({ ...batch('2'), completedAt: null });
  await self.ledger.complete(batch('2'), later(2));
  expect(await self.written.find(batch('2'))).toEqual({ ...batch('2'), completedAt: later(2) });
});

test('a completion that cannot be written is told, and holds nothing up', async () => {
  await using self = await bench();
  await self.ledger.enter(batch('1'));
  self.broken = 'writes';
  await self.ledger.complete(batch('1'), later(1));
  expect(self.failures).toEqual(['STATE_UNWRITABLE 1']);
  expect(await self.ledger.find(batch('1'))).toEqual({ ...batch('1'), completedAt: null });
});

test('a ledger that cannot be read is never taken for one without the entry', async () => {
  await using self = await bench();
  self.broken = 'writes';
  await self.ledger.enter(batch('1'));
  self.broken = 'reads';
  await expect(self.ledger.find(batch('2'))).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  expect(await self.ledger.find(batch('1'))).toMatchObject({ batchId: '1' });
});

test('entries in memory are listed with the others, newest first', async () => {
  await using self = await bench();
  await self.ledger.enter(sampleEntry({ batchId: '1', publishedAt: later(1) }));
  await self.ledger.enter(sampleEntry({ batchId: '3', publishedAt: later(3) }));
  self.broken = 'writes';
  await self.ledger.enter(sampleEntry({ batchId: '2', publishedAt: later(2) }));
  await self.ledger.enter(sampleEntry({ batchId: '4', publishedAt: later(4), feed: 'b/2' }));
  const listed = async (filter: Parameters<Ledger['list']>[0]) =>
    (await self.ledger.list(filter)).map(({ batchId }) => batchId);
  expect(await listed({ limit: 10 })).toEqual(['4', '3', '2', '1']);
  expect(await listed({ limit: 2 })).toEqual(['4', '3']);
  expect(await listed({ feed: 'fenergo/journey', limit: 10 })).toEqual(['3', '2', '1']);
});

test('memory holds the newest 10,000 entries, and all of them are written in the end', async () => {
  await using self = await bench();
  self.broken = 'writes';
  for (let index = 0; index < 10_001; index += 1) await self.ledger.enter(batch(String(index)));
  expect(await self.ledger.find(batch('0'))).toBeUndefined();
  expect(await self.ledger.find(batch('1'))).toMatchObject({ batchId: '1' });
  self.broken = 'no';
  for (let index = 0; index < 100; index += 1) await self.ledger.enter(batch(`later ${index}`));
  expect(await self.written.list({ limit: 20_000 })).toHaveLength(10_100);
});

test('a destination that is done is remembered when that cannot be written, until the whole batch is entered', async () => {
  await using self = await bench();
  self.broken = 'writes';
  await self.ledger.enterPart(samplePart());
  self.broken = 'no';
  await self.ledger.enterPart(samplePart({ destination: 'b' }));
  const found = await self.ledger.findParts(sampleEntry());
  expect(found.map(({ destination }) => destination)).toEqual([samplePart().destination, 'b']);
  await self.ledger.enter(sampleEntry());
  expect(await self.ledger.findParts(sampleEntry())).toEqual([]);
});
