import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { SpoolReport } from '../../../src/core/spool.ts';
import type { AppendCall } from '../../../src/state/spool/messages.ts';
import { openSpool } from '../../../src/state/spool/open-spool.ts';
import { packEntries } from '../../../src/state/spool/packing.ts';
import { createSpoolThread } from '../../../src/state/spool/thread.ts';
import { bodiesIn, feed, spoolEntry } from '../../conformance/state/spool-samples.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const unwritable = { code: 'STATE_UNWRITABLE' };

test('a thread that dies fails the calls that wait, and the next call has a new one that lacks nothing', async () => {
  await using directory = await temporaryDirectory();
  await using thread = createSpoolThread({ dir: directory.path, maxBytes: 1024 ** 3 });
  const append = (body: string) => {
    const { packed, buffer } = packEntries([spoolEntry(body)]);
    return thread.call<'append'>({ kind: 'append', feed, entries: packed }, [buffer]);
  };
  await append('before');
  const impossible = { kind: 'append', feed, entries: null } as unknown as AppendCall;
  const results = await Promise.allSettled([thread.call<'append'>(impossible), append('with it')]);
  for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: unwritable });
  expect(await append('after')).toEqual([{ status: 'spooled', sequence: 2 }]);
  const { records } = await thread.call<'read'>({ kind: 'read', feed, after: 0, records: 10, bytes: 1024 });
  expect(records.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['before', 'after']);
});

test('a file that is deleted while it is in use is a loss that is counted, and the spool goes on', async () => {
  await using directory = await temporaryDirectory();
  const reports: SpoolReport[] = [];
  await using spool = openSpool({ dir: directory.path, maxBytes: 1024 ** 3, onReport: (news) => reports.push(news) });
  await spool.append(feed, [spoolEntry('1'), spoolEntry('2')]);
  await rm(join(directory.path, 'spool.db'));
  await expect(spool.append(feed, [spoolEntry('3')])).rejects.toMatchObject(unwritable);
  await vi.waitFor(() => spool.append(feed, [spoolEntry('3')]), { timeout: 10_000, interval: 50 });
  expect(await bodiesIn(spool)).toEqual(['3']);
  expect((await spool.state()).feeds).toMatchObject([{ gaps: 2, records: 1 }]);
  expect(reports.map(({ kind }) => kind)).toContain('gap');
});

test('an empty page for a feed that was never heard of, and nothing to release', async () => {
  await using directory = await temporaryDirectory();
  await using spool = openSpool({ dir: directory.path, maxBytes: 1024 ** 3 });
  expect(await spool.read(feed, 0, { records: 10, bytes: 10 })).toEqual({ records: [], gaps: [] });
  await spool.release(feed, 7);
  expect(await spool.append(feed, [spoolEntry('1')])).toEqual([{ status: 'spooled', sequence: 1 }]);
});
