import { expect } from 'vitest';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import { openDrain } from '../drain.ts';
import { expectOneBatchPerKill } from '../kill-bridges.ts';
import { seed } from '../scale.ts';
import { type Cell, nameOf, type SourceName } from './cells.ts';
import { faults } from './faults.ts';
import { hookFlow } from './hook-flow.ts';
import { mailboxFlow } from './mailbox-flow.ts';
import type { Measured, RunCell } from './run-cell.ts';
import { runFlow } from './run-flow.ts';
import type { Site } from './site.ts';
import { sizesOf } from './sizes.ts';
import { streamFlow } from './stream-flow.ts';

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

async function runPoll({ line, fault }: Cell, site: Site, measured: Measured): Promise<void> {
  const sizes = sizesOf(line);
  await using drain = await openDrain(site.ground, sizes.eventsPerFeed, line.options);
  // Gone before the drain deletes its files.
  await using resources = new AsyncDisposableStack();
  const { what, recoveries } = await faults[fault](drain, sizes, site, resources);
  measured.what = what;
  measured.events = feedNames.length * drain.upstream.eventsPerFeed();
  if (recoveries.length > 0) measured.flowingMs = Math.max(...recoveries.map(({ ms }) => ms));
  const verdicts = await drain.finish(`${nameOf(line)}, ${what} (seed ${seed})`);
  // What is not zero was thrown by the drain.
  Object.assign(measured, { lost: 0, reordered: 0, early: 0 });
  measured.doubled = sum(verdicts.flatMap(({ doubled }) => doubled.map(({ extra }) => extra)));
  if (line.options.delivery) {
    measured.doubledAtMost = 0;
    expect(measured.doubled).toBe(0);
    return;
  }
  measured.doubledAtMost = drain.bound();
  expect(measured.doubled).toBeLessThanOrEqual(measured.doubledAtMost);
  // From a spool, what waits there is doubled as one batch in flight: the drain knows which.
  if (!line.options.ack && fault === 'bridge killed') expectOneBatchPerKill(verdicts, sizes.kills);
}

/** By the kind of source. */
export const runs: Readonly<Record<SourceName, RunCell>> = {
  poll: runPoll,
  webhook: runFlow(hookFlow),
  sse: runFlow(streamFlow),
  mailbox: runFlow(mailboxFlow),
};
