import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { createLogTail } from '../support/judge/log-tail.ts';
import type { Ground } from './ground.ts';
import { folderOf } from './log-drain.ts';

/** The embedded log, in a folder of its own. */
export async function logGround(): Promise<Ground> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-log-'));
  const tail = createLogTail(dir, folderOf);
  return {
    destination: { broker: { type: 'log', dir, segmentBytes: '256KiB' }, to: {} },
    keepsOrder: true,
    absent: async (feed, ids) => tail.absent(feed, ids),
    async read() {
      const fresh = createLogTail(dir, folderOf);
      return feedNames.flatMap((feed) => fresh.read(feed).map(({ bytes }) => ({ feed, bytes })));
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
