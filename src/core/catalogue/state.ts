import type { CatalogueEntry } from './entry.ts';

export const stateErrors = {
  STATE_LOCKED: {
    disposition: 'fatal',
    summary: 'Another process holds the state directory.',
    runbook: 'One daemon at a time may use it. Stop the other one, or give this one a directory of its own.',
  },
  STATE_NOT_DURABLE: {
    disposition: 'fatal',
    summary: 'The state directory, or a folder for contents, does not survive the container.',
    runbook:
      'Mount a volume at `state.dir`, or set `deadLetters` in every pipeline and leave out `ack: spool`: on tmpfs or an overlay, dead letters and what is spooled would go with the pod. Contents that events refer to want a volume, or a bucket, too. `feedferry run` warns and starts all the same.',
  },
  STATE_UNWRITABLE: {
    disposition: 'retryable',
    summary: 'The state cannot be written.',
    runbook:
      'Check free space, permissions and the health of the disk. Batches stay open upstream until it works again.',
  },
  STATE_DAMAGED: {
    disposition: 'fatal',
    summary: 'A state file is not a database, or is damaged.',
    runbook:
      'Keep the named file for analysis, move it away and start again. Without the ledger, open batches may be published twice.',
  },
  SPOOL_FULL: {
    disposition: 'retryable',
    summary: 'The spool takes no more records: it is full, or its oldest record is too old.',
    runbook:
      'Find out why the destination takes nothing. Nothing is deleted: records are accepted again as soon as some are delivered, or with a larger `state.spool`.',
  },
  STATE_TOO_NEW: {
    disposition: 'fatal',
    summary: 'The state was written by a newer version of the bridge.',
    runbook: 'Start that version, or give this one another state directory.',
  },
} as const satisfies Record<string, CatalogueEntry>;
