import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScript } from '../support/child.ts';
import { readLines } from '../support/read-lines.ts';
import { collect, dataOfEvent, plainBody } from '../support/stored.ts';
import { startHookedBridge } from './bridge.ts';
import type { Ground } from './subject.ts';

const topic = 'hooks';

/** Files: the embedded log of the bridge, and one file of the bare handler. */
export const logGround: Ground = {
  name: 'webhook-log',
  bare: {
    name: 'bare handler',
    start({ port, place, what }) {
      const args = [String(port), what.signed ? 'signed' : 'unsigned', place];
      return startScript(join(import.meta.dirname, 'bare-log.ts'), args);
    },
    read: async (place) => collect(await readLines(place), plainBody),
  },
  bridge: {
    name: 'feedferry',
    start: (start, nodeOptions) =>
      startHookedBridge(start, { broker: { type: 'log', dir: start.place }, to: { topic } }, nodeOptions),
    read: async (place) => collect(await readLines(join(place, topic)), dataOfEvent),
  },
  others: [],
  async freshPlace() {
    const dir = await mkdtemp(join(tmpdir(), 'feedferry-bench-'));
    return { name: dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
  },
  brokerCpuUs: () => Number.NaN,
  [Symbol.asyncDispose]: async () => {},
};
