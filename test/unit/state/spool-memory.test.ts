import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import type { Appended, IdKind } from '../../../src/core/spool.ts';
import type { PackedEntry } from '../../../src/state/spool/messages.ts';
import { createStore, type Store } from '../../../src/state/spool/store.ts';
import { full, seed } from '../../crash/scale.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const feed = 'a/one';
/** As `spoolMemory`, only smaller. */
const memory = { ms: 10_000, ids: 20 };

afterEach(() => vi.useRealTimers());

interface Named {
  readonly kind: IdKind;
  readonly id: string;
  readonly partitionkey: string;
}

/** What is promised of the ids of a feed, in as few words as it can be said. */
function simpleMemory() {
  /** The last one of each key, oldest first. */
  const remembered = new Map<string, { readonly id: string; readonly sequence: number; readonly at: number }>();
  let accepted = 0;

  return (entries: readonly Named[], now: number): readonly Appended[] => {
    for (const key of remembered.keys()) {
      if (remembered.size <= memory.ids || entries.length === 0) break;
      remembered.delete(key);
    }
    return entries.map(({ kind, id, partitionkey }) => {
      const key = kind === 'event' ? `event ${id}` : `state ${partitionkey}`;
      const known = remembered.get(key);
      if (known?.id === id && now - known.at <= memory.ms) return { status: 'duplicate', sequence: known.sequence };
      accepted += 1;
      remembered.delete(key);
      remembered.set(key, { id, sequence: accepted, at: now });
      return { status: 'spooled', sequence: accepted };
    });
  };
}

function packed(identity: Named): PackedEntry {
  return { head: '["",0,"text/plain",{},0]', identity: { source: '/test', ...identity }, bytes: Buffer.from('x') };
}

function append(store: Store, entries: readonly Named[]): readonly Appended[] {
  const [written] = store.write([{ kind: 'append', feed, entries: entries.map(packed) }]);
  if (written === undefined || 'error' in written) throw written?.error;
  return written.answer as readonly Appended[];
}

const named: fc.Arbitrary<Named> = fc.oneof(
  fc.record({
    kind: fc.constant('event' as const),
    id: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'),
    partitionkey: fc.constant('k'),
  }),
  fc.record({
    kind: fc.constant('state' as const),
    id: fc.constantFrom('on', 'off', 'half'),
    partitionkey: fc.constantFrom('k', 'l', 'm'),
  }),
);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('append' as const), entries: fc.array(named, { maxLength: 10 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(12_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), sequence: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
);

test(`accepts what a simple memory would, whatever is released, opened again or killed (FEEDFERRY_SEED=${seed})`, {
  timeout: full ? 600_000 : 120_000,
}, async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
    await using directory = await temporaryDirectory();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-01-01T00:00:00Z') });
    let lives = 0;
    let dir = join(directory.path, '0');
    const open = () => createStore({ dir, maxBytes: 1024 ** 3, memory });
    let store = open();
    const simple = simpleMemory();
    const left: Store[] = [];
    try {
      for (const one of steps) {
        if (one.do === 'append') expect(append(store, one.entries)).toEqual(simple(one.entries, Date.now()));
        if (one.do === 'wait') vi.setSystemTime(Date.now() + one.ms);
        if (one.do === 'release') store.write([{ kind: 'release', feed, sequence: one.sequence }]);
        if (one.do === 'reopen') {
          store.close();
          store = open();
        }
        if (one.do === 'kill') {
          store.state();
          lives += 1;
          const next = join(directory.path, String(lives));
          await cp(dir, next, { recursive: true });
          left.push(store);
          dir = next;
          store = open();
        }
      }
    } finally {
      for (const each of [store, ...left]) each.close();
    }
  });
  await fc.assert(property, { numRuns: full ? 1_000 : 60, seed });
});
