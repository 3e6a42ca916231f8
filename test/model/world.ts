import { vi } from 'vitest';
import { deadLetterStatuses } from '../../src/core/dead-letter.ts';
import { daemonTiming } from '../../src/timing.ts';
import { createBroker } from './broker.ts';
import { createDesk, type Desk, type Stray, type Waiting } from './desk.ts';
import { mayLand } from './fates.ts';
import type { History } from './history.ts';
import { beginLife, type Ends, type Life } from './life.ts';
import { watchPromises } from './promises.ts';
import { createStore } from './store.ts';
import { holdBatches } from './upstream.ts';

/** The bridge between its simulated ends, life after life. Nothing happens in it of its own accord. */
export interface World {
  readonly ends: Ends;
  readonly strays: Stray[];
  readonly waiting: readonly Waiting[];
  readonly life: Life;
  readonly draining: boolean;
  /** A feed that was paused has not come to rest yet. */
  readonly pausing: boolean;
  readonly lives: number;
  /** Lets everything run that waits for neither a far end nor a timer. */
  turn(): Promise<void>;
  pause(feed: number): void;
  resume(feed: number): void;
  /** As on SIGTERM; when it is through, the next life begins, unless it was the last. */
  drain(last?: boolean): void;
  /** `fate`: what had become of each call that waited. */
  crash(fate: (waiting: Waiting) => 'acted' | 'late' | undefined): Promise<void>;
  dispose(): Promise<void>;
}

/** The real one: timers are faked meanwhile. */
const immediate = setImmediate;

export async function createWorld(history: History): Promise<World> {
  const held = history.feeds.map(holdBatches);
  const promises = watchPromises(held.flat(), history.destinations ?? 1);
  const refusedByStep = new Set<string>();
  const brokers = Array.from({ length: history.destinations ?? 1 }, createBroker);
  const ends: Ends = { history, held, brokers, promises, refusedByStep, report: () => {} };
  const store = createStore(history.state);
  const strays: Stray[] = [];
  const paused = new Set<number>();
  const pausing = new Set<Promise<unknown>>();
  let desk: Desk = createDesk(strays);
  let parts = await store.open();
  let life: Life = beginLife(ends, parts, desk, []);
  let lives = 1;
  let draining = false;
  /** When a drain has to be over, unless the disk or the broker's last word is awaited. */
  let deadline = Number.POSITIVE_INFINITY;
  let drained: { readonly drained: boolean; readonly last: boolean } | undefined;

  function run() {
    life.runners.forEach((runner, feed) => {
      if (!paused.has(feed)) runner.resume();
    });
  }

  async function begin() {
    desk = createDesk(strays);
    parts = await store.open();
    life = beginLife(ends, parts, desk, await parts.deadLetters.parkedKeys());
    lives++;
    deadline = Number.POSITIVE_INFINITY;
    draining = false;
    run();
  }

  /** What has a signal is given up when the time of a drain is over; a disk is waited for. */
  function checkDeadline() {
    if (drained || performance.now() <= deadline) return;
    if (desk.waiting.every(({ name }) => name === 'publish')) promises.breach('a drain outlasts its deadline');
  }

  async function checkLetters() {
    const letters = await parts.deadLetters.list({ limit: 10_000, status: deadLetterStatuses });
    const kept = new Set(letters.map(({ record }) => Buffer.from(record.bytes).toString()));
    for (const body of promises.setAside) if (!kept.has(body)) promises.breach(`the dead letter ${body} is gone`);
  }

  function checkSink() {
    for (const what of life.breaches) promises.breach(what);
  }

  /** The publisher opens calls in a turn of its own, and SQLite commits in one. */
  async function turns() {
    const most = history.state === 'sqlite' ? 4 : 3;
    for (let turn = 0; turn < most; turn++) await new Promise((resolve) => immediate(resolve));
  }

  run();
  await turns();
  return {
    ends,
    strays,
    get waiting() {
      return desk.waiting;
    },
    get life() {
      return life;
    },
    get draining() {
      return draining;
    },
    get pausing() {
      return pausing.size > 0;
    },
    get lives() {
      return lives;
    },
    async turn() {
      await turns();
      checkDeadline();
      if (!drained) return;
      const { last } = drained;
      drained = undefined;
      checkSink();
      if (last) await checkLetters();
      await store.close();
      promises.over(false);
      if (vi.getTimerCount() > 0) promises.breach(`${vi.getTimerCount()} timers outlive a clean end`);
      if (last) draining = false;
      else await begin();
      await turns();
    },
    pause(feed) {
      if (draining) return;
      paused.add(feed);
      const stopped = life.runners[feed]?.stop(daemonTiming.drainMs);
      if (!stopped) return;
      pausing.add(stopped);
      void stopped.then(() => pausing.delete(stopped));
    },
    resume(feed) {
      paused.delete(feed);
      if (!draining) life.runners[feed]?.resume();
    },
    drain(last = false) {
      if (draining) return;
      draining = true;
      deadline = performance.now() + daemonTiming.drainMs;
      const ending = life;
      void ending.drain().then((end) => {
        if (ending === life) drained = { ...end, last };
        if (last && !end.drained) promises.breach('a calm bridge was not drained in time');
      });
    },
    async crash(fate) {
      checkSink();
      desk.close();
      for (const waiting of desk.waiting) {
        const acted = fate(waiting);
        if (acted === 'late' && mayLand(waiting.name)) strays.push(waiting);
        else if (acted) void waiting.land();
      }
      await turns();
      vi.clearAllTimers();
      drained = undefined;
      pausing.clear();
      await store.crash();
      promises.over(true);
      await begin();
      await turns();
    },
    dispose: () => store.dispose(),
  };
}
