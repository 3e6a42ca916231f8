import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import { type Bridge, startBridge } from '../support/bridge/start-bridge.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { openExactlyOnceDrain } from './exactly-once-drain.ts';
import { full, seed } from './scale.ts';

const rounds = full ? 5 : 1;
const eventsPerFeed = 300;
const roll = dice(seed + 4);

/** The same configuration with a state of its own: what goes wrong when two machines run one pipeline. */
async function cloneOf(configFile: string): Promise<AsyncDisposable & { readonly configFile: string }> {
  const root = await mkdtemp(join(tmpdir(), 'feedferry-clone-'));
  const configuration = JSON.parse(await readFile(configFile, 'utf8'));
  const clone = join(root, 'feedferry.yaml');
  await writeFile(clone, JSON.stringify({ ...configuration, state: { dir: join(root, 'state') } }));
  return { configFile: clone, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

function halts(bridge: Bridge): readonly string[] {
  return bridge.log().flatMap(({ event, msg }) => (event === 'feed.halted' ? [msg] : []));
}

const suite = await ownKafkaSuite();

suite('two exactly-once bridges with one transactional id', (broker) => {
  test.each(Array.from({ length: rounds }, (_, round) => round + 1))(
    'the one that was frozen, and thaws when the other has taken over, writes nothing and leaves the other alone (round %i)',
    { timeout: 240_000 },
    async () => {
      await using drain = await openExactlyOnceDrain(broker.bootstrap, eventsPerFeed, {
        settings: { confirmTimeout: '3s' },
      });
      await using clone = await cloneOf(drain.home.configFile);
      await using zombie = startBridge(drain.home.configFile);
      await zombie.whileRunning(drain.upstream.reached(60 + Math.floor(roll() * 60)));
      await zombie.freeze();
      await using heir = startBridge(clone.configFile);
      await heir.whileRunning(drain.upstream.reached(220));
      // With and without the time running out for the transaction that it has in hand.
      await delay(roll() * 5_000);
      zombie.thaw();
      await zombie.logs(({ event }) => event === 'feed.halted');
      expect(await heir.whileRunning(drain.simulator.drained(60_000))).toBe(true);
      expect(halts(zombie).length).toBeLessThanOrEqual(feedNames.length);
      for (const text of halts(zombie)) expect(text).toContain('PRODUCER_FENCED');
      expect(halts(heir)).toEqual([]);
      expect(await zombie.sigterm()).toEqual({ code: 0, signal: null });
      expect(await heir.sigterm()).toEqual({ code: 0, signal: null });
      const [verdict] = await drain.finish(`kafka exactly-once, a zombie thawed (seed ${seed})`);
      expect(verdict?.doubled).toEqual([]);
    },
  );
});
