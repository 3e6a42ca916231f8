import { join, resolve } from 'node:path';
import type { SpoolReport } from '../core/spool.ts';
import type { State } from '../core/state.ts';
import { createAuditLog } from './audit-log.ts';
import { classified } from './classify.ts';
import { createCursors } from './cursors.ts';
import { openDatabase } from './database.ts';
import { createDeadLetters } from './dead-letters.ts';
import { makeDirectory } from './directory.ts';
import { groupCommit } from './group-commit.ts';
import { createLedger } from './ledger.ts';
import { ledgerSchema } from './ledger-schema.ts';
import { takeLock } from './lock.ts';
import { createPauses } from './pauses.ts';
import { createRegistrations } from './registrations.ts';
import { createRequests } from './requests.ts';
import { openSpool } from './spool/open-spool.ts';
import { type SpoolSettings, spoolDefaults } from './spool/settings.ts';
import { stateSchema } from './state-schema.ts';
import { createWritableProbe } from './writable.ts';

export interface StateOptions {
  /** Created when it is missing. */
  readonly dir: string;
  /** One process at a time: there is no other mode. */
  readonly mode: 'exclusive';
  /** Default: `spoolDefaults`. */
  readonly spool?: SpoolSettings;
  /** Hears of damage in the spool. */
  readonly onSpoolReport?: (report: SpoolReport) => void;
}

/**
 * Opens the SQLite files of a state directory: `ledger.db`, and `state.db` for what must survive a power cut.
 * The spool's own are opened by its first call.
 * Rejects with STATE_LOCKED, STATE_UNWRITABLE, STATE_DAMAGED or STATE_TOO_NEW, and then leaves nothing open.
 */
export async function openState(options: StateOptions): Promise<State> {
  const dir = resolve(options.dir);
  using opening = new DisposableStack();
  classified(dir, () => makeDirectory(dir));
  opening.use(takeLock(dir));
  const ledgerFile = opening.use(openDatabase(join(dir, 'ledger.db'), ledgerSchema));
  const stateFile = opening.use(openDatabase(join(dir, 'state.db'), stateSchema));
  const group = groupCommit(stateFile);
  const ledger = createLedger(ledgerFile);
  const { spool: settings = spoolDefaults, onSpoolReport } = options;
  const spool = openSpool({
    dir: join(dir, 'spool'),
    ...settings,
    ...(onSpoolReport ? { onReport: onSpoolReport } : {}),
  });
  const state = {
    ledger,
    cursors: createCursors(stateFile, group),
    deadLetters: createDeadLetters(stateFile, group),
    pauses: createPauses(stateFile, group),
    audit: createAuditLog(stateFile, group),
    registrations: createRegistrations(stateFile, group),
    requests: createRequests(stateFile, group),
    spool,
    writable: createWritableProbe(dir, stateFile, group),
  };
  const open = opening.move();
  return {
    ...state,
    async [Symbol.asyncDispose]() {
      using _open = open;
      group.flush();
      ledger.flush();
      await spool[Symbol.asyncDispose]();
    },
  };
}
