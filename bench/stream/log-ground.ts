import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScript } from '../support/child.ts';
import { readLines } from '../support/read-lines.ts';
import { collect, dataOfEvent, plainBody } from '../support/stored.ts';
import { startStreamingBridge } from './bridge.ts';
import { createLineCounter } from './count-lines.ts';
import type { Ground } from './subject.ts';

const topic = 'ticks';

/** Files: the embedded log of the bridge, and one file of the bare stream. */
export const logGround: Ground = {
  name: 'sse-log',
  bare: {
    name: 'bare stream',
    start: (baseUrl, place) => startScript(join(import.meta.dirname, 'bare-log.ts'), [baseUrl, place]),
    read: async (place) => collect(await readLines(place), plainBody),
  },
  bridge: {
    name: 'feedferry',
    start: (baseUrl, place, dir, nodeOptions) =>
      startStreamingBridge({ baseUrl, dir, broker: { type: 'log', dir: place }, to: { topic } }, nodeOptions),
    read: async (place) => collect(await readLines(join(place, topic)), dataOfEvent),
  },
  async freshPlace() {
    const dir = await mkdtemp(join(tmpdir(), 'feedferry-bench-'));
    const remove = () => rm(dir, { recursive: true, force: true });
    return { name: dir, count: createLineCounter(dir), [Symbol.asyncDispose]: remove };
  },
  [Symbol.asyncDispose]: async () => {},
};
