import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { logAtHome, makeBridgeHome } from '../../support/bridge/bridge-home.ts';
import { startBridge } from '../../support/bridge/start-bridge.ts';
import { handedOut } from '../../support/daemon.ts';
import { canFail, failingDisk, fails } from '../../support/failing-disk/failing-disk.ts';
import { createLogTail } from '../../support/judge/log-tail.ts';

/** Within which it goes on once the disk works again. */
const recoveryMs = 10_000;

test.skipIf(!canFail)(
  'a bridge whose disk of the spool reports errors leaves upstream what comes, says so, and goes on by itself within 10 s',
  { ...fails, timeout: 120_000 },
  async () => {
    await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 100 }] });
    await using home = await makeBridgeHome({ baseUrl: simulator.baseUrl, destinations: [logAtHome], ack: 'spool' });
    await using disk = await failingDisk(join(home.stateDir, 'spool'));
    await using bridge = startBridge(home.configFile, { env: disk.env });
    const { msg } = await bridge.logs((line) => line.event === 'listener.opened' && line.msg.startsWith('health'));
    const health = async () => {
      const response = await fetch(`http://${/[\d.]+:\d+/.exec(msg)?.[0]}/healthz`);
      return ((await response.json()) as { feeds: Record<string, unknown> }).feeds['fenergo/journey'];
    };
    expect(await bridge.whileRunning(simulator.drained(10_000))).toBe(true);

    await disk.fail();
    simulator.fill({ feed: 'journey', events: 200 });
    await bridge.logs(({ event, activity }) => event === 'attempt.failed' && activity === 'spool');
    await bridge.whileRunning(
      expect.poll(health, { timeout: 20_000 }).toMatchObject({ status: 'degraded', spool: { refusing: 'disk' } }),
    );
    expect(await health()).toMatchObject({ lastError: { code: 'STATE_UNWRITABLE' } });
    const completed = () => simulator.ledger('journey').filter((batch) => batch.completed !== null).length;
    const before = completed();
    expect(before).toBeLessThan(30);

    await disk.mend();
    const mended = performance.now();
    await bridge.whileRunning(expect.poll(completed, { timeout: recoveryMs, interval: 20 }).toBeGreaterThan(before));
    expect(performance.now() - mended).toBeLessThan(recoveryMs);
    expect(await bridge.whileRunning(simulator.drained(20_000))).toBe(true);
    await bridge.whileRunning(
      expect
        .poll(health, { timeout: 20_000 })
        .toMatchObject({ status: 'ok', spool: { records: 0, gaps: 0, refusing: null } }),
    );
    expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
    const published = createLogTail(home.logDir, (feed) => `fenergo.${feed}`).read('journey');
    expect(published.map(({ id }) => id)).toEqual(handedOut(simulator.ledger('journey')));
  },
);
