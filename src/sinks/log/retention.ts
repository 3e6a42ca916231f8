import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogSettings } from './config.ts';
import { listSegments, segmentName } from './segment.ts';

/**
 * Deletes the oldest segments of a topic until the rest is neither too much nor too old. Never the last one, and
 * always from the front, so that offsets have no gap. `now` in milliseconds since the epoch.
 */
export async function retain(
  folder: string,
  settings: Pick<LogSettings, 'retainBytes' | 'retainAge'>,
  now: number,
): Promise<void> {
  const paths = (await listSegments(folder)).map((firstOffset) => join(folder, segmentName(firstOffset)));
  const segments = await Promise.all(paths.map(async (path) => ({ path, stats: await stat(path) })));
  let total = segments.reduce((sum, { stats }) => sum + stats.size, 0);
  for (const { path, stats } of segments.slice(0, -1)) {
    if (total <= settings.retainBytes && now - stats.mtimeMs <= settings.retainAge) return;
    await unlink(path);
    total -= stats.size;
  }
}
