import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { State } from '../../../src/core/state.ts';
import { openState } from '../../../src/state/open.ts';
import type { StateStore } from '../../conformance/state.ts';

export function open(place: string): Promise<State> {
  return openState({ dir: place, mode: 'exclusive' });
}

/** The SQLite files, for tests: each place is a directory of its own. */
export const sqliteStore: StateStore = {
  newPlace: () => mkdtemp(join(tmpdir(), 'feedferry-state-')),
  removePlace: (place) => rm(place, { recursive: true, force: true }),
  open,
  module: import.meta.url,
};
