import { watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import type { FenergoFeed } from '../../connectors/fenergo/feeds.ts';
import type { WitnessedCall } from '../../connectors/fenergo/simulator/witness.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { type Drain, openDrain } from './drain.ts';
import { folderOf } from './log-drain.ts';
import { logGround } from './log-ground.ts';
import { full, seed } from './scale.ts';

const kills = full ? 8 : 3;
const eventsPerFeed = 300;
const timeout = 240_000;
const feed: FenergoFeed = 'screening';
/** Never answered: by then the bridge is dead. */
const never = new Promise<undefined>(() => {});

/** Sets a trap that kills when the bridge is at a certain point for the `nth` time. */
type Arm = (drain: Drain, at: { readonly folder: string }, kill: () => void, nth: number) => void;

const isComplete = (call: WitnessedCall) => call.feed === feed && call.call === 'complete';

const points: Readonly<Record<string, Arm>> = {
  'a batch is in the spool, and upstream has not completed it': ({ upstream }, _at, kill, nth) => {
    let count = 0;
    upstream.trap = {
      async arrived(call) {
        if (!isComplete(call) || ++count !== nth) return undefined;
        kill();
        return 'drop';
      },
    };
  },
  'upstream has completed a batch, and its answer is lost': ({ upstream }, _at, kill, nth) => {
    let count = 0;
    upstream.trap = {
      async worked(call) {
        if (!isComplete(call) || ++count !== nth) return;
        kill();
        await never;
      },
    };
  },
  'the broker has confirmed events, and the spool still has them': (_drain, { folder }, kill, nth) => {
    let changes = 0;
    // Each time that events are written there, the release of what was confirmed before them is on its way.
    const watcher = watch(folder, () => {
      changes += 1;
      if (changes < 3 * nth) return;
      watcher.close();
      kill();
    });
  },
};

for (const point of Object.keys(points)) {
  test(`a bridge that is acknowledged from the spool, killed ${kills} times when ${point}, loses and reorders nothing`, {
    timeout,
  }, async () => {
    const ground = await logGround();
    const { dir } = ground.destination.broker;
    const folder = join(String(dir), folderOf(feed));
    await mkdir(folder, { recursive: true });
    await using drain = await openDrain(ground, eventsPerFeed, { ack: 'spool' });
    for (let time = 0; time < kills; time += 1) {
      const killed = Promise.withResolvers<void>();
      let death: Promise<void> | undefined;
      await using bridge = startBridge(drain.home.configFile);
      points[point]?.(
        drain,
        { folder },
        () => {
          death ??= bridge.kill9();
          killed.resolve();
        },
        1 + (time % 3),
      );
      await bridge.whileRunning(killed.promise);
      await death;
      drain.upstream.trap = {};
      await drain.bridgeDied();
    }
    const left = drain.spool?.records() ?? 0;
    await drain.finish(
      `log, ack: spool, ${kills} kills when ${point}, ${left} records in the spool after the last (seed ${seed})`,
    );
  });
}
