import { expect } from 'vitest';
import { startBridge } from '../../support/bridge/start-bridge.ts';
import { transactionRecoveryLimitMs } from '../drain.ts';
import type { Ground } from '../ground.ts';
import { seed } from '../scale.ts';
import { type Line, nameOf } from './cells.ts';
import type { Flow } from './flow.ts';
import { flowFaults } from './flow-faults.ts';
import { judgeFlow } from './judge-flow.ts';
import type { RunCell } from './run-cell.ts';
import { sizesOf } from './sizes.ts';

/** Runs a source that sends by itself. What it had is judged when a last bridge has come to the end of it. */
export function runFlow(open: (ground: Ground, line: Line) => Promise<Flow>): RunCell {
  return async ({ line, fault }, site, measured) => {
    await using ground = site.ground;
    await using flow = await open(ground, line);
    // Gone before the flow deletes its files.
    await using resources = new AsyncDisposableStack();
    const done = await flowFaults[fault](flow, sizesOf(line), site, resources);
    const { what, times, flowingMs, losable = new Set(), mayReturn = 0 } = done;
    measured.what = what;
    if (flowingMs.length > 0) measured.flowingMs = Math.max(...flowingMs);
    await using last = startBridge(flow.configFile);
    // What is stopped before it is up has no say in how it ends.
    await last.logs(({ event }) => event === 'daemon.started');
    await last.whileRunning(flow.finish());
    expect(await last.sigterm()).toEqual({ code: 0, signal: null });
    const promised = flow.promised();
    const unproved = await flow.witness.unproved();
    const verdict = await judgeFlow(ground, promised, flow.isWhole, unproved, losable);
    const { lost, reordered, altered, early, doubled } = verdict;
    measured.events = promised.length;
    measured.lost = lost.length;
    measured.reordered = reordered.length;
    measured.early = early.length;
    measured.doubled = doubled;
    measured.doubledAtMost = line.options.delivery ? 0 : times * flow.mostInHand + mayReturn;
    console.log(
      `${nameOf(line)}, ${what} (seed ${seed}): ${promised.length} events promised${losable.size > 0 ? ` (${losable.size} of them in a damaged spool)` : ''}, ${lost.length} lost, ${reordered.length} reordered, ${altered.length} altered, ${early.length} of ${flow.witness.looked} looked for told early, ${doubled} of at most ${measured.doubledAtMost} doubled; flowing again after ${flowingMs.join(', ') || '-'} ms`,
    );
    expect(verdict).toEqual({ lost: [], reordered: [], strange: [], altered: [], early: [], doubled });
    expect(flow.witness.looked).toBeGreaterThan(0);
    expect(doubled).toBeLessThanOrEqual(measured.doubledAtMost);
    expect(measured.flowingMs ?? 0).toBeLessThanOrEqual(transactionRecoveryLimitMs);
  };
}
