import { feedNames } from '../../../connectors/fenergo/feeds.ts';
import type { Simulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { readLedger } from './ledger-copy.ts';
import type { LogTail } from './log-tail.ts';

/** How a kill left a batch that upstream still has open. */
export interface LeftOpen {
  readonly feed: string;
  /** `feed/batchId` */
  readonly name: string;
  /** How many of its events are in the sink, and how many it has. */
  readonly stored: number;
  readonly events: number;
  readonly inLedger: boolean;
}

/** Looks at upstream, sink and ledger after the bridge was killed and before it is started again. */
export async function inspectAftermath(
  simulator: Simulator,
  tail: LogTail,
  stateDir: string,
): Promise<readonly LeftOpen[]> {
  const ledger = await readLedger(stateDir);
  return feedNames.flatMap((feed) => {
    const last = simulator.ledger(feed).at(-1);
    if (!last || last.completed !== null) return [];
    const { batchId, eventIds } = last;
    const name = `${feed}/${batchId}`;
    const stored = eventIds.length - tail.absent(feed, eventIds).length;
    return [{ feed, name, stored, events: eventIds.length, inLedger: ledger.has(name) }];
  });
}

/** Published, at least in part, and not in the ledger: the next bridge has to publish it again. */
export function isInDoubt({ stored, inLedger }: LeftOpen): boolean {
  return stored > 0 && !inLedger;
}
