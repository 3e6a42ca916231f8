import { expect, test } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import { mayBeSkipped } from '../../support/may-be-skipped.ts';
import { openDrain } from '../drain.ts';
import type { Ground } from '../ground.ts';
import { expectOneBatchPerKill } from '../kill-bridges.ts';
import { full, seed } from '../scale.ts';
import { type Cell, cells, type Line, nameOf, type SinkName } from './cells.ts';
import { canFakeClocks } from './faked-clock.ts';
import { faults } from './faults.ts';
import { noteFigures } from './figures.ts';
import { sizesOf } from './sizes.ts';

const all = full || process.env['FEEDFERRY_CRASH'] === 'all';
const promise = 'loses, reorders, alters and completes nothing wrongly';

async function run({ line, fault }: Cell, ground: Ground): Promise<void> {
  const began = Date.now();
  const sizes = sizesOf(line);
  const measured = { what: '', events: 0, doubled: 0, flowingMs: null as number | null, kept: false };
  try {
    await using drain = await openDrain(ground, sizes.eventsPerFeed, line.options);
    const { what, recoveries } = await faults[fault](drain, sizes);
    measured.what = what;
    measured.events = feedNames.length * drain.upstream.eventsPerFeed();
    if (recoveries.length > 0) measured.flowingMs = Math.max(...recoveries.map(({ ms }) => ms));
    const verdicts = await drain.finish(`${nameOf(line)}, ${what} (seed ${seed})`);
    measured.doubled = verdicts.reduce((sum, { doubled }) => sum + doubled.length, 0);
    if (line.options.delivery) expect(measured.doubled).toBe(0);
    // From a spool, what waits there is doubled as one batch in flight: the drain knows which.
    else if (!line.options.ack) expectOneBatchPerKill(verdicts, fault === 'bridge killed' ? sizes.kills : 1);
    measured.kept = true;
  } finally {
    const seconds = Math.round((Date.now() - began) / 1_000);
    await noteFigures({ line: nameOf(line), fault, ...measured, seconds });
  }
}

/** The cells of a sink, each a test. */
export function declareCells(sink: SinkName, open: (line: Line) => Promise<Ground>): void {
  for (const cell of cells.filter(({ line, always }) => line.sink === sink && (always || all))) {
    const lacking = cell.fault === 'clock jumps' && !canFakeClocks;
    test.skipIf(lacking)(
      `${nameOf(cell.line)} | ${cell.fault} | ${promise}`,
      { timeout: 900_000, ...(lacking && mayBeSkipped('libfaketime is not installed')) },
      async () => run(cell, await open(cell.line)),
    );
  }
}
