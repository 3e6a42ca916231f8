import { truncate } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SpoolState } from '../../../src/core/spool.ts';
import { openAdminListener } from '../../../src/http/admin.ts';
import { openState } from '../../../src/state/open.ts';
import { spoolEntry } from '../../conformance/state/spool-samples.ts';
import { type CommandFolder, openCommandFolder } from '../../support/cli/command-folder.ts';
import { recordedOperations } from '../listeners/support.ts';
import { runHere } from './support.ts';

const feed = 'fenergo/journey';

let folder: CommandFolder;
beforeEach(async () => {
  folder = await openCommandFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const spool = (...args: readonly string[]) => runHere(['spool', ...args, '-c', folder.file]);

/** What the command prints while a daemon says this of its spool. */
async function printed(says: Partial<SpoolState>): Promise<string> {
  await using _held = await openState({ dir: folder.path('state'), mode: 'exclusive' });
  const use = { feed, records: 1, bytes: 4_096, oldestAt: new Date(0), accepted: 3, released: 2, gaps: 0 } as const;
  const state: SpoolState = {
    maxBytes: 1024 ** 3,
    bytes: 4_096,
    timeToFullMs: undefined,
    refusing: undefined,
    feeds: [use],
    quarantined: [],
    ...says,
  };
  const { operations } = recordedOperations({ spool: async () => state });
  const address = { host: '127.0.0.1', port: folder.admin };
  await using _listener = await openAdminListener({ address, token: undefined, operations });
  const { code, stdout } = await spool();
  expect(code).toBe(0);
  return stdout;
}

describe('spool', () => {
  it('says that nothing was ever spooled', async () => {
    expect((await spool()).stdout).toMatch(/^Nothing was ever spooled\.\n0 KiB of 1024\.0 MiB; it does not grow\n$/);
  });

  it('says what waits, since when, and how many records were lost, for people and for programs', async () => {
    {
      await using state = await openState({ dir: folder.path('state'), mode: 'exclusive' });
      await state.spool.append(
        feed,
        ['1', '2', '3'].map((body) => spoolEntry(body)),
      );
      await state.spool.release(feed, 1);
    }
    await truncate(folder.path('state/spool/spool.db'), 0);
    {
      // As the feed does when it starts.
      await using state = await openState({ dir: folder.path('state'), mode: 'exclusive' });
      await state.spool.read(feed, 0, { records: 1, bytes: 1 });
    }
    const { code, stdout } = await spool();
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^FEED +RECORDS +SIZE +OLDEST +ACCEPTED +RELEASED +LOST\nfenergo\/journey +0 +0 KiB +- +\d+ +1 +2\n/,
    );
    expect(stdout).toMatch(/damaged, kept for analysis: .*quarantine\/spool-.*\.db/);
    const json = JSON.parse((await spool('--json')).stdout) as SpoolState;
    expect(json.feeds).toMatchObject([{ feed, records: 0, gaps: 2 }]);
  });

  it.each([
    [undefined, '4 KiB of 1024.0 MiB; it does not grow'],
    [20_000, '4 KiB of 1024.0 MiB; full in less than a minute'],
    [30 * 60_000, '4 KiB of 1024.0 MiB; full in 30 min at the present rate'],
    [50 * 3_600_000, '4 KiB of 1024.0 MiB; full in 50 h at the present rate'],
  ])('says when it will be full: %s', async (timeToFullMs, line) => {
    expect(await printed({ timeToFullMs })).toContain(`${line}\n`);
  });

  it.each([
    ['full', 'MiB\nIt takes no more: it is full.\n'],
    ['disk', 'MiB\nIt takes no more: the disk cannot be written.\n'],
    ['too-old', 'it does not grow\nIt takes no more of feeds whose oldest record is older than state.spool.maxAge.\n'],
  ] as const)('says why it takes no more: %s', async (refusing, end) => {
    expect((await printed({ refusing, timeToFullMs: refusing === 'full' ? 0 : undefined })).endsWith(end)).toBe(true);
  });
});
