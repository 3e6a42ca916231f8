import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { startScript } from '../support/child.ts';
import { readLines } from '../support/read-lines.ts';
import { startPollingBridge } from './bridge.ts';
import { type Ground, type Stored, sequenceOfEvent, sequenceOfNotification } from './subject.ts';

async function readFeeds(pathOf: (feed: string) => string, sequenceOf: (line: string) => number): Promise<Stored> {
  const feeds = new Map<string, readonly number[]>();
  for (const feed of feedNames) feeds.set(feed, (await readLines(pathOf(feed))).map(sequenceOf));
  return feeds;
}

/** Files: the embedded log of the bridge, and one file a feed of the bare loop. */
export const logGround: Ground = {
  name: 'poll-log',
  bare: {
    name: 'bare loop',
    start: (baseUrl, place) => startScript(join(import.meta.dirname, 'bare-log.ts'), [baseUrl, place]),
    read: (place) => readFeeds((feed) => join(place, `${feed}.ndjson`), sequenceOfNotification),
  },
  bridge: {
    name: 'feedferry',
    start: (baseUrl, place, dir, nodeOptions) =>
      startPollingBridge({ baseUrl, dir, broker: { type: 'log', dir: place }, to: {} }, nodeOptions),
    read: (place) => readFeeds((feed) => join(place, `fenergo.${feed}`), sequenceOfEvent),
  },
  others: [],
  async freshPlace() {
    const dir = await mkdtemp(join(tmpdir(), 'feedferry-bench-'));
    return { name: dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
  },
  brokerCpuUs: () => Number.NaN,
  [Symbol.asyncDispose]: async () => {},
};
