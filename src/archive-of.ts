import type { Configuration } from './config/configuration.ts';
import type { Archive } from './core/archive.ts';
import { openArchive } from './state/archive/open-archive.ts';
import type { Report } from './telemetry/events.ts';

/** Receipts and raw batches may take so much of the disk each. */
export const archiveMaxBytes = 1024 ** 3;

/** The archive of a configuration's state, whose lock the caller holds. */
export function openArchiveOf({ state }: Configuration, report: Report): Archive {
  return openArchive({
    dir: state.dir,
    receipts: { maxAgeMs: state.keepReceiptsMs, maxBytes: archiveMaxBytes },
    raw: state.keepRawMs === false ? undefined : { maxAgeMs: state.keepRawMs, maxBytes: archiveMaxBytes },
    onDropped: (error, entries) => report({ event: 'archive.dropped', error, entries }),
  });
}
