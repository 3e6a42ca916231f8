import { test } from 'vitest';
import { hasDovecot } from '../../support/dovecot/own-dovecot.ts';
import { mayBeSkipped } from '../../support/may-be-skipped.ts';
import { canMount } from '../../unit/state/mounted-disk.ts';
import { seed } from '../scale.ts';
import { type Cell, cells, drawnCells, nameOf, type SinkName } from './cells.ts';
import { canFakeClocks } from './faked-clock.ts';
import { noteFigures } from './figures.ts';
import type { Measured } from './run-cell.ts';
import { runs } from './runs.ts';
import type { OpenSite } from './site.ts';
import { all } from './sizes.ts';

const promise = 'loses, reorders, alters and completes nothing wrongly';
const tried = all ? cells.filter(({ senseless }) => senseless === undefined) : drawnCells(seed);

const unmeasured: Measured = {
  what: '',
  events: 0,
  lost: null,
  reordered: null,
  early: null,
  doubled: 0,
  doubledAtMost: null,
  flowingMs: null,
  kept: false,
};

/** What this machine lacks to try it. */
function lackingFor({ line, fault }: Cell): string | undefined {
  if (line.source === 'mailbox' && !hasDovecot) return 'dovecot is not installed';
  if (fault === 'clock jumps' && !canFakeClocks) return 'libfaketime is not installed';
  if (fault === 'disk full' && !canMount) return 'no mounts here';
  return undefined;
}

async function run(cell: Cell, open: OpenSite): Promise<void> {
  const { line, fault } = cell;
  const began = Date.now();
  const measured = { ...unmeasured };
  await using resources = new AsyncDisposableStack();
  try {
    await runs[line.source](cell, await open(cell, resources), measured);
    measured.kept = true;
  } finally {
    const seconds = Math.round((Date.now() - began) / 1_000);
    await noteFigures({ line: nameOf(line), fault, seed, ...measured, seconds });
  }
}

/** The cells of a sink, each a test. */
export function declareCells(sink: SinkName, open: OpenSite): void {
  for (const cell of tried.filter(({ line }) => line.sink === sink)) {
    const { line, fault } = cell;
    const lacking = lackingFor(cell);
    test(`${nameOf(line)} | ${fault} | ${promise} (FEEDFERRY_SEED=${seed})`, {
      timeout: 900_000,
      ...(lacking !== undefined && mayBeSkipped(lacking)),
    }, async ({ skip }) => {
      if (lacking === undefined) return await run(cell, open);
      await noteFigures({ line: nameOf(line), fault, seed, untried: lacking, ...unmeasured, seconds: 0 });
      skip(lacking);
    });
  }
}
