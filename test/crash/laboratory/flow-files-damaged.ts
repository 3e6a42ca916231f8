import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { dice } from '../../../connectors/fenergo/simulator/mix.ts';
import { startBridge } from '../../support/bridge/start-bridge.ts';
import { seed } from '../scale.ts';
import { damage, moveAway } from './damage.ts';
import { comesUp } from './files-damaged.ts';
import type { Flow } from './flow.ts';
import type { FlowDone } from './flow-faults.ts';

const roll = dice(seed + 5_000);

/** What is damaged of a database, each while the bridge is down. */
const ofState = ['state.db', 'state.db-wal', 'ledger.db', 'ledger.db-wal'];
const ofSpool = ['spool.db', 'spool.db-wal'];

/**
 * The bridge is killed, files are damaged, and it is started: each file once. An operator moves away what it refuses,
 * which is never the spool.
 */
export async function flowFilesDamaged(flow: Flow): Promise<FlowDone> {
  const losable = new Set<string>();
  const done: string[] = [];
  let times = 0;
  let mayReturn = 0;

  async function one(dir: string, file: string): Promise<void> {
    {
      await using bridge = startBridge(flow.configFile);
      await bridge.whileRunning(flow.flowed());
      await delay(roll() * flow.scatterMs);
      await bridge.kill9();
    }
    times += 1;
    const path = join(dir, file);
    if (!(statSync(path, { throwIfNoEntry: false })?.size ?? 0)) return;
    if (flow.spool && ofSpool.includes(file)) {
      // Upstream has forgotten what waits in it. What has left it may come back.
      for (const id of flow.spool.present()) losable.add(id);
      mayReturn += flow.promised().length;
    }
    const how = await damage(path, roll);
    const up = await comesUp(flow.configFile);
    // That one was killed as well.
    times += 1;
    if (!up) {
      expect(ofSpool).not.toContain(file);
      await moveAway(dir, file.replace(/-wal$/, ''));
    }
    done.push(`${file} ${how}${up ? '' : ', refused and moved away'}`);
  }

  for (const file of ofState) await one(flow.stateDir, file);
  if (flow.spool) for (const file of ofSpool) await one(join(flow.stateDir, 'spool'), file);
  return { what: done.join('; '), times, flowingMs: [], losable, mayReturn };
}
