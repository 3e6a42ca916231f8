import type { State } from '../../src/core/state.ts';
import { auditPromises } from './state/audit.ts';
import { cursorPromises } from './state/cursors.ts';
import { deadLetterPromises } from './state/dead-letters.ts';
import { runAndKill, type WrittenByVictim } from './state/killed.ts';
import { ledgerPromises } from './state/ledger.ts';
import { ownershipPromises } from './state/ownership.ts';
import { pausePromises } from './state/pauses.ts';
import { registrationPromises } from './state/registrations.ts';
import { requestPromises } from './state/requests.ts';
import { spoolPromises } from './state/spool.ts';

/** A kind of state to be tested: SQLite files, or a shared store. */
export interface StateStore {
  /** A name under which nothing is stored yet: a directory, a URL. */
  newPlace(): Promise<string>;
  removePlace(place: string): Promise<void>;
  open(place: string): Promise<State>;
  /** URL of a module whose export `open` is the function above: for processes that are killed. */
  readonly module: string;
}

/** What one promise is tested on: a place of its own, empty at first. */
export interface StatePlace {
  open(): Promise<State>;
  /** Has another process write `what`, and kills it with -9 when the write has resolved. */
  writtenByKilledProcess(what: WrittenByVictim): Promise<void>;
}

/** A promise of State, by its name, and what keeps it. */
export type StatePromises = Readonly<Record<string, (place: StatePlace) => Promise<void>>>;

/** Everything that State promises, whatever it is stored in. Hand each to the test runner. */
export function stateConformance(
  store: StateStore,
): readonly { readonly name: string; readonly run: () => Promise<void> }[] {
  const promises: StatePromises = {
    ...ownershipPromises,
    ...ledgerPromises,
    ...cursorPromises,
    ...deadLetterPromises,
    ...pausePromises,
    ...registrationPromises,
    ...requestPromises,
    ...auditPromises,
    ...spoolPromises,
  };
  return Object.entries(promises).map(([name, keep]) => ({
    name,
    async run() {
      const place = await store.newPlace();
      try {
        await keep({
          open: () => store.open(place),
          writtenByKilledProcess: (what) => runAndKill(store.module, place, what),
        });
      } finally {
        await store.removePlace(place);
      }
    },
  }));
}
