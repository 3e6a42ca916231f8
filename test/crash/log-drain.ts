import { expect } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import type { Simulator } from '../../connectors/fenergo/simulator/simulator.ts';
import { type BridgeHome, logAtHome, makeBridgeHome } from '../support/bridge/bridge-home.ts';
import { startUpstream, type Upstream } from '../support/bridge/upstream.ts';
import { inspectAftermath, isInDoubt, type LeftOpen } from '../support/judge/aftermath.ts';
import { innocent } from '../support/judge/innocent.ts';
import { judge, type Verdict } from '../support/judge/judge.ts';
import { createLogTail, type LogTail } from '../support/judge/log-tail.ts';
import { tally } from '../support/judge/tally.ts';
import { runToEnd } from './run-to-end.ts';

/** Six feeds that drain into the embedded log, through bridges that come and go. */
export interface LogDrain extends AsyncDisposable {
  readonly upstream: Upstream;
  readonly simulator: Simulator;
  readonly home: BridgeHome;
  /** What is in the log right now. */
  readonly tail: LogTail;
  /** To be called after each kill. */
  takeStock(): Promise<readonly LeftOpen[]>;
  /**
   * Lets a last bridge finish, prints what was measured, and expects all that is promised: nothing lost, reordered,
   * completed early or altered, and exactly those batches doubled that a kill left in the log and not in the ledger.
   */
  finish(what: string): Promise<Verdict>;
}

export function folderOf(feed: string): string {
  return `fenergo.${feed}`;
}

export async function openLogDrain(eventsPerFeed: number): Promise<LogDrain> {
  await using resources = new AsyncDisposableStack();
  let tail: LogTail | undefined;
  const absent = (feed: string, ids: readonly string[]) => tail?.absent(feed, ids) ?? ids;
  const upstream = resources.use(await startUpstream({ eventsPerFeed, absent }));
  const { simulator } = upstream;
  const home = resources.use(await makeBridgeHome({ baseUrl: simulator.baseUrl, destinations: [logAtHome] }));
  const present = createLogTail(home.logDir, folderOf);
  tail = present;
  const inDoubt: string[] = [];

  async function finish(what: string): Promise<Verdict> {
    await runToEnd(home.configFile, simulator);
    const fresh = createLogTail(home.logDir, folderOf);
    const stored = feedNames.flatMap((feed) => fresh.read(feed));
    const evidence = { batches: simulator.ledger(), completes: upstream.completes, stored };
    const verdict = judge(evidence);
    console.log(`${tally(what, evidence, verdict)} (${inDoubt.length} times in the log and not in the ledger)`);
    expect(verdict).toMatchObject(innocent);
    expect(new Set(stored.map(({ feed, id }) => `${feed}/${id}`)).size).toBe(feedNames.length * eventsPerFeed);
    expect(new Set(verdict.doubled.map(({ feed, batchId }) => `${feed}/${batchId}`))).toEqual(new Set(inDoubt));
    for (const { feed, batchId, extra } of verdict.doubled) {
      expect(extra).toBeLessThanOrEqual(inDoubt.filter((name) => name === `${feed}/${batchId}`).length);
    }
    return verdict;
  }

  const opened = resources.move();
  return {
    upstream,
    simulator,
    home,
    tail: present,
    async takeStock() {
      const left = await inspectAftermath(simulator, present, home.stateDir);
      inDoubt.push(...left.filter(isInDoubt).map(({ name }) => name));
      return left;
    },
    finish,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
