import type { CatalogueEntry } from './entry.ts';

export const recordErrors = {
  RECORD_MALFORMED: {
    disposition: 'poison',
    summary: 'A record is not what its media type says.',
    runbook: 'Look at its bytes with `feedferry dead-letters show ID` and tell the upstream.',
  },
  RECORD_NOT_UTF8: {
    disposition: 'poison',
    summary: 'A record contains bytes that are not UTF-8.',
    runbook:
      'The bytes are kept as they came: `feedferry dead-letters show ID`. The upstream has to encode its text properly.',
  },
  RECORD_WITHOUT_ID: {
    disposition: 'poison',
    summary: 'A record has no id, and the bridge never makes one up.',
    runbook: 'Tell the upstream. Without an id consumers cannot recognise a repeat.',
  },
  RECORD_INVALID: {
    disposition: 'poison',
    summary: 'A record lacks a field that its event needs, or has one of the wrong kind.',
    runbook: 'The reason names the field. `feedferry dead-letters show ID` shows the record.',
  },
  CLOUDEVENT_INVALID: {
    disposition: 'poison',
    summary: 'A record says that it is a CloudEvent, and breaks the rules of CloudEvents 1.0.',
    runbook:
      'The reason names the attribute. Look at the record with `feedferry dead-letters show ID`, and tell the sender.',
  },
  EXPRESSION_FAILED: {
    disposition: 'poison',
    summary: 'An expression of the settings, which reads a field of the event, cannot be evaluated for a record.',
    runbook:
      'The reason has the expression and says why. Mend it so that it fits every record, as in `$exists(body.type) ? body.type : "unknown"`, then `feedferry dead-letters redrive`.',
  },
  RESOURCE_REFUSED: {
    disposition: 'poison',
    summary: 'The resource that a record points to cannot be fetched.',
    runbook:
      'The reason says why. Ask the upstream whether the account may read it, or leave `enrich` off and let consumers fetch.',
  },
  CONDITION_FAILED: {
    disposition: 'poison',
    summary: 'The condition of a destination (`when`) cannot be evaluated for an event.',
    runbook:
      'The reason names the destination and says why. Mend the condition so that it fits every event: `$exists(…) and …`.',
  },
  BATCH_SET_ASIDE: {
    disposition: 'poison',
    summary: 'An operator set a whole batch aside.',
    runbook: 'Its bytes are kept as a dead letter: `feedferry dead-letters show ID`.',
  },
  KEY_PARKED: {
    disposition: 'poison',
    summary: 'An event waits behind another one of its key, which was set aside.',
    runbook:
      'Nothing is wrong with it. `feedferry parked list` shows the keys; once the cause is mended, `feedferry parked release PIPELINE/FEED KEY` publishes what is parked, in order.',
  },
  POISON_STOPPED: {
    disposition: 'fatal',
    summary: 'A record or an event is poison, and the pipeline has `onPoison: stop`.',
    runbook:
      'Nothing was acknowledged. Mend what the message names and `feedferry resume PIPELINE/FEED`; or move the batch out of the way with `feedferry set-aside PIPELINE/FEED`; or choose `onPoison: park-key` or `dead-letter`, which set the record aside alone.',
  },
  POISON_FLOOD: {
    disposition: 'fatal',
    summary: 'So many records are poison that something larger must be wrong.',
    runbook:
      'The upstream has probably changed its format. Look at the dead letters; when it is all right that they are set aside, `feedferry resume PIPELINE/FEED`.',
  },
} as const satisfies Record<string, CatalogueEntry>;
