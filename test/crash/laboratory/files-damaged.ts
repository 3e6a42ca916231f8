import { join } from 'node:path';
import { dice } from '../../../connectors/fenergo/simulator/mix.ts';
import { startBridge } from '../../support/bridge/start-bridge.ts';
import type { Drain } from '../drain.ts';
import { callsFor } from '../kill-bridges.ts';
import { killMoments, seed } from '../scale.ts';
import { damage, moveAway } from './damage.ts';
import type { Done } from './done.ts';
import type { Sizes } from './sizes.ts';

const roll = dice(seed + 3_000);

/** What a file may cost that is damaged while the bridge is down. */
interface Damaged {
  /** Below the state folder. */
  readonly dir: string;
  /** The database that it is a part of. */
  readonly database: string;
  readonly file: string;
  /** To be called while the bridge is down: what may be lost, and doubled. */
  mayCost(drain: Drain): void;
}

/** What is open is handed out again, and may have been published. Nothing is lost. */
const openAgain = (drain: Drain) => drain.mayDouble(drain.inFlight(), 1);

/** Upstream has forgotten what waits in it. What has left it may come back. */
function spooled(drain: Drain): void {
  drain.mayLose(drain.spool?.batches() ?? []);
  drain.mayDouble(
    drain.simulator.ledger().map(({ feed, batchId }) => `${feed}/${batchId}`),
    1,
  );
}

const ofState: readonly Damaged[] = [
  { dir: '.', database: 'ledger.db', file: 'ledger.db', mayCost: openAgain },
  { dir: '.', database: 'ledger.db', file: 'ledger.db-wal', mayCost: openAgain },
  { dir: '.', database: 'state.db', file: 'state.db', mayCost: openAgain },
];
const ofSpool: readonly Damaged[] = [
  { dir: 'spool', database: 'spool.db', file: 'spool.db', mayCost: spooled },
  { dir: 'spool', database: 'spool.db', file: 'spool.db-wal', mayCost: spooled },
];

/** Whether the bridge is up; false: it has ended, since it takes the files for damaged. */
export async function comesUp(configFile: string): Promise<boolean> {
  await using bridge = startBridge(configFile);
  const up = bridge.logs(({ event }) => event === 'daemon.started').then(() => true);
  return await Promise.race([up, bridge.exited.then(() => false)]).catch(() => false);
}

/** The bridge is killed, files are damaged, and it is started: each file once. An operator moves away what it refuses. */
export async function filesDamaged(drain: Drain, { eventsPerFeed }: Sizes): Promise<Done> {
  const files = drain.spool ? ofSpool : ofState;
  const { configFile, stateDir } = drain.home;
  const done: string[] = [];
  for (const [at, moment] of killMoments(files.length, callsFor(eventsPerFeed)).entries()) {
    const damaged = files[at];
    if (!damaged) break;
    const { dir, database, file, mayCost } = damaged;
    {
      await using bridge = startBridge(configFile);
      await bridge.whileRunning(drain.upstream.reached(moment));
      await bridge.kill9();
    }
    mayCost(drain);
    const how = await damage(join(stateDir, dir, file), roll);
    const up = await comesUp(configFile);
    if (!up) await moveAway(join(stateDir, dir), database);
    // That one was killed as well.
    mayCost(drain);
    done.push(`${file} ${how}${up ? '' : ', refused and moved away'}`);
  }
  return { what: done.join('; '), recoveries: [] };
}
