import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Simulator } from '../connectors/fenergo/simulator/simulator.ts';
import { type BridgeProcess, startBridge } from './bridge-process.ts';
import { coloured, frame, type Mood } from './frame.ts';
import { batchesPerFeed, batchSize, startPlatform, writeConfiguration } from './platform.ts';
import { createProgress, type Progress } from './progress.ts';
import type { Screen } from './screen.ts';

export interface StageOptions {
  readonly screen: Screen;
  /** An empty folder. */
  readonly dir: string;
  /** The Node.js that runs the bridge. */
  readonly runtime: string;
  /** Ends the demo before its time. */
  readonly signal: AbortSignal;
}

/** The platform, the bridge and the screen, and how to wait for what happens between them. */
export interface Stage extends AsyncDisposable {
  readonly screen: Screen;
  readonly simulator: Simulator;
  readonly progress: Progress;
  /** Where the bridge's log is. */
  readonly events: string;
  /** Starts the bridge, or starts it again. Resolves when it runs. */
  startBridge(): Promise<BridgeProcess>;
  /** What the line below the bars says. It may change by itself. */
  remark(text: () => string, mood?: Mood): void;
  /** A line that stays, with the time. */
  say(text: string): void;
  /** Rejects when the demo is to end, or the bridge has ended by itself. */
  until(condition: () => boolean): Promise<void>;
  wait(ms: number): Promise<void>;
  /** Draws the last state of the bars, and leaves it. */
  settle(): void;
}

const tickMs = 100;
const lookMs = 20;

export async function openStage({ screen, dir, runtime, signal }: StageOptions): Promise<Stage> {
  await using resources = new AsyncDisposableStack();
  const started = performance.now();
  const simulator = resources.use(await startPlatform());
  const configuration = await writeConfiguration(dir, simulator.baseUrl);
  const progress = createProgress(simulator, batchSize);
  const bridgeEnded = new AbortController();
  const ending = AbortSignal.any([signal, bridgeEnded.signal]);
  let remark: () => string = () => '';
  let mood: Mood = 'good';

  function draw(): void {
    const { columns, live } = screen;
    const table = frame(progress.feeds(), { batches: batchesPerFeed, mood, columns: live ? columns : 0 });
    const below = remark();
    screen.show(['', ...table, '', ...(live && below !== '' ? [`  ${coloured(below, mood)}`] : [])]);
  }
  const ticker = setInterval(draw, tickMs);
  resources.defer(() => clearInterval(ticker));

  async function wait(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: ending }).catch(() => ending.throwIfAborted());
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await wait(lookMs);
  }

  const opened = resources.move();
  return {
    screen,
    simulator,
    progress,
    events: join(dir, 'events'),
    async startBridge() {
      progress.forgetBridge();
      const bridge = startBridge(runtime, configuration, progress.hear, (reason) => bridgeEnded.abort(reason));
      opened.use(bridge);
      await until(() => progress.pid() !== undefined);
      return bridge;
    },
    remark(text, next = 'good') {
      remark = text;
      mood = next;
    },
    say(text) {
      const seconds = Math.round((performance.now() - started) / 1_000);
      screen.say(`${String(seconds).padStart(2)} s  ${text}`);
    },
    until,
    wait,
    settle() {
      clearInterval(ticker);
      remark = () => '';
      draw();
      screen.settle();
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
