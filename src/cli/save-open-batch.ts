import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FeedName } from '../core/batch.ts';
import { BridgeError } from '../core/errors.ts';
import type { Operations } from '../operations/operations.ts';

async function syncFolder(file: string): Promise<void> {
  await using folder = await open(dirname(file), 'r');
  await folder.sync();
}

/** Never overwrites: what was saved before a first discard is perhaps all that is left of it. */
async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await using handle = await open(file, 'wx', 0o600);
    await handle.writeFile(bytes);
    await handle.sync();
    await syncFolder(file);
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new BridgeError('USAGE', `the open batch cannot be saved: ${because}`, {
      cause: error,
      hint: 'Nothing was discarded. Name a file that does not exist yet, in a folder that can be written.',
    });
  }
}

/** Writes the open batch as upstream gave it, fsynced. Gives what was saved, in words. */
export async function saveOpenBatch(operations: Operations, feed: FeedName, file: string): Promise<string> {
  const batch = await operations.peek(feed);
  if (batch === undefined) return 'nothing to save: the feed is empty';
  await writeDurably(file, batch.body);
  const name = batch.batchId === undefined ? 'the open batch' : `batch ${batch.batchId}`;
  return `${name} saved to ${file} (${batch.body.length} bytes)`;
}

/** Pauses a feed for as long as the work takes, and leaves it as it was. */
export async function whilePaused(
  operations: Operations,
  feed: FeedName,
  reason: string,
  work: () => Promise<void>,
): Promise<void> {
  if ((await operations.feedState(feed)) === 'paused') return work();
  await operations.pause(feed, reason);
  try {
    await work();
  } finally {
    await operations.resume(feed, reason);
  }
}
