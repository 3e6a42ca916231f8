import { watch } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FenergoFeed } from '../../connectors/fenergo/feeds.ts';
import type { WitnessedCall } from '../../connectors/fenergo/simulator/witness.ts';
import { type Bridge, startBridge } from '../support/bridge/start-bridge.ts';
import { isInDoubt, type LeftOpen } from '../support/judge/aftermath.ts';
import { folderOf, type LogDrain, openLogDrain } from './log-drain.ts';

const kills = 5;
const feed: FenergoFeed = 'screening';
const timeout = 120_000;

/** Never answered: by then the bridge is dead. */
const never = new Promise<undefined>(() => {});

function isOurs(call: WitnessedCall, name: WitnessedCall['call']): boolean {
  return call.feed === feed && call.call === name;
}

/** Kills a bridge `kills` times where `arm` says, and gives how each kill left the feed's batch, if it was open. */
async function killEachTime(
  drain: LogDrain,
  arm: (bridge: Bridge, kill: () => void) => void,
): Promise<readonly (LeftOpen | undefined)[]> {
  const left: (LeftOpen | undefined)[] = [];
  for (let time = 0; time < kills; time += 1) {
    const killed = Promise.withResolvers<void>();
    let death: Promise<void> | undefined;
    await using bridge = startBridge(drain.home.configFile);
    arm(bridge, () => {
      death ??= bridge.kill9();
      killed.resolve();
    });
    await bridge.whileRunning(killed.promise);
    await death;
    drain.upstream.trap = {};
    left.push((await drain.takeStock()).find((batch) => batch.feed === feed));
  }
  return left;
}

test('a kill between the answer of next and the first look at it doubles nothing', { timeout }, async () => {
  await using drain = await openLogDrain(200);
  const left = await killEachTime(drain, (bridge, kill) => {
    let fetches = 0;
    drain.upstream.trap = {
      async worked(call) {
        if (!isOurs(call, 'next')) return;
        fetches += 1;
        if (fetches === 2) await bridge.freeze();
      },
      answered: (call) => {
        if (isOurs(call, 'next') && fetches === 2) kill();
      },
    };
  });
  expect(left).toEqual(Array(kills).fill(expect.objectContaining({ stored: 0, inLedger: false })));
  const { doubled } = await drain.finish(`log, ${kills} kills after next was answered`);
  expect(doubled.filter((batch) => batch.feed === feed)).toEqual([]);
});

test('a kill when the events are in the log, before upstream hears of it, doubles what the ledger does not have', {
  timeout,
}, async () => {
  await using drain = await openLogDrain(200);
  const left = await killEachTime(drain, (_bridge, kill) => {
    let completes = 0;
    drain.upstream.trap = {
      async arrived(call) {
        if (!isOurs(call, 'complete')) return undefined;
        completes += 1;
        if (completes > 1) return never;
        const watcher = watch(join(drain.home.logDir, folderOf(feed)), () => {
          if (drain.tail.read(feed).length === 0) return;
          watcher.close();
          kill();
        });
        return undefined;
      },
    };
  });
  expect(left.every((batch) => batch !== undefined && batch.stored > 0)).toBe(true);
  const inDoubt = left.filter((batch) => batch !== undefined && isInDoubt(batch)).length;
  await drain.finish(`log, ${kills} kills when events were in the log, ${inDoubt} of them before the ledger entry`);
});

test('a kill while complete is on its way, before it acts, doubles nothing: the ledger has the batch', {
  timeout,
}, async () => {
  await using drain = await openLogDrain(200);
  const left = await killEachTime(drain, (_bridge, kill) => {
    let completes = 0;
    drain.upstream.trap = {
      async arrived(call) {
        if (!isOurs(call, 'complete')) return undefined;
        completes += 1;
        if (completes < 2) return undefined;
        kill();
        return 'drop';
      },
    };
  });
  expect(left).toEqual(Array(kills).fill(expect.objectContaining({ stored: 10, events: 10, inLedger: true })));
  const { doubled } = await drain.finish(`log, ${kills} kills before complete acted`);
  expect(doubled.filter((batch) => batch.feed === feed)).toEqual([]);
});

test('a kill between a complete that acted and its answer doubles nothing', { timeout }, async () => {
  await using drain = await openLogDrain(200);
  const left = await killEachTime(drain, (_bridge, kill) => {
    let completes = 0;
    drain.upstream.trap = {
      async worked(call) {
        if (!isOurs(call, 'complete')) return;
        completes += 1;
        if (completes < 2) return;
        kill();
        await never;
      },
    };
  });
  expect(left).toEqual(Array(kills).fill(undefined));
  const { doubled } = await drain.finish(`log, ${kills} kills after complete acted`);
  expect(doubled.filter((batch) => batch.feed === feed)).toEqual([]);
});
