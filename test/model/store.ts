import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cursors, DeadLetters, Ledger, State } from '../../src/core/state.ts';
import { openState } from '../../src/state/open.ts';
import { createMemoryState } from '../support/memory-state.ts';
import type { History } from './history.ts';

export interface Parts {
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetters;
  readonly cursors: Cursors;
}

/** What outlives the process. */
export interface Store {
  /** Before each life of the bridge. */
  open(): Promise<Parts>;
  /** After a clean end. */
  close(): Promise<void>;
  /** After a kill: what was not yet handed to the disk is gone. */
  crash(): Promise<void>;
  dispose(): Promise<void>;
}

export function createStore(kind: History['state']): Store {
  return kind === 'memory' ? memoryStore() : sqliteStore();
}

function memoryStore(): Store {
  const state = createMemoryState();
  const nothing = async () => {};
  return { open: async () => state, close: nothing, crash: nothing, dispose: nothing };
}

/** The real files. A kill leaves what they hold at that moment: a copy of them, made before the old ones are closed. */
function sqliteStore(): Store {
  const root = mkdtempSync(join(tmpdir(), 'feedferry-model-'));
  let dir = join(root, 'first');
  let state: State | undefined;

  async function close() {
    await state?.[Symbol.asyncDispose]();
    state = undefined;
  }

  return {
    async open() {
      state = await openState({ dir, mode: 'exclusive' });
      return state;
    },
    close,
    async crash() {
      const heir = mkdtempSync(join(root, 'next-'));
      const files = readdirSync(dir).filter((file) => /^(ledger|state)\.db/.test(file));
      for (const file of files) copyFileSync(join(dir, file), join(heir, file));
      await close();
      dir = heir;
    },
    async dispose() {
      await close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
