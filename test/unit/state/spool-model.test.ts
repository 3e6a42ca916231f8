import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FeedName } from '../../../src/core/batch.ts';
import type { Appended, SpoolEntry } from '../../../src/core/spool.ts';
import { openSpool } from '../../../src/state/spool/open-spool.ts';
import { spoolEntry } from '../../conformance/state/spool-samples.ts';
import { full, seed } from '../../crash/scale.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const feeds: readonly FeedName[] = ['a/one', 'b/two'];
const memory = { ms: 86_400_000, ids: 1_000_000 };

/** A spool as simple as it can be said. */
function simpleSpool() {
  const known = new Map<string, number>();
  const lastOf = new Map<string, { readonly id: string; readonly sequence: number }>();
  const records: { readonly sequence: number; readonly body: string }[] = [];
  let [accepted, released] = [0, 0];

  function recall({ identity }: SpoolEntry): number | undefined {
    if (identity === undefined) return undefined;
    if (identity.kind === 'event') return known.get(identity.id);
    const last = lastOf.get(identity.partitionkey);
    return last?.id === identity.id ? last.sequence : undefined;
  }

  return {
    append(entries: readonly SpoolEntry[]): readonly Appended[] {
      return entries.map((entry) => {
        const earlier = recall(entry);
        if (earlier !== undefined) return { status: 'duplicate', sequence: earlier };
        accepted += 1;
        const { identity } = entry;
        if (identity?.kind === 'event') known.set(identity.id, accepted);
        if (identity?.kind === 'state') lastOf.set(identity.partitionkey, { id: identity.id, sequence: accepted });
        records.push({ sequence: accepted, body: Buffer.from(entry.record.bytes).toString() });
        return { status: 'spooled', sequence: accepted };
      });
    },
    release(sequence: number) {
      released = Math.max(released, Math.min(sequence, accepted));
    },
    read: (after: number) => records.filter(({ sequence }) => sequence > Math.max(after, released)),
    use: () => ({ accepted, released, records: accepted - released, gaps: 0 }),
  };
}

const feed = fc.constantFrom(...feeds);
const body = fc.string({ maxLength: 3 }).map((text) => text.repeat(700));
const entry = fc.oneof(
  body.map((text) => spoolEntry(text)),
  fc.tuple(body, fc.constantFrom('1', '2', '3', '4', '5', '6')).map(([text, id]) => spoolEntry(text, { id })),
  fc
    .tuple(body, fc.constantFrom('on', 'off'), fc.constantFrom('k', 'l'))
    .map(([text, id, partitionkey]) => spoolEntry(text, { kind: 'state', id, partitionkey })),
);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('append' as const), feed, entries: fc.array(entry, { maxLength: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), feed, sequence: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), feed, after: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
);

test(`behaves as a simple one in memory, also when it is opened again (FEEDFERRY_SEED=${seed})`, {
  timeout: full ? 600_000 : 120_000,
}, async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
    await using directory = await temporaryDirectory();
    const open = () => openSpool({ dir: directory.path, maxBytes: 1024 ** 3, memory });
    let spool = open();
    const simple = new Map(feeds.map((name) => [name, simpleSpool()]));
    try {
      for (const one of steps) {
        if (one.do === 'reopen') {
          await spool[Symbol.asyncDispose]();
          spool = open();
          continue;
        }
        const expected = simple.get(one.feed);
        if (one.do === 'append') {
          expect(await spool.append(one.feed, one.entries)).toEqual(expected?.append(one.entries));
        } else if (one.do === 'release') {
          await spool.release(one.feed, one.sequence);
          expected?.release(one.sequence);
        } else {
          const { records, gaps } = await spool.read(one.feed, one.after, { records: 1_000, bytes: 1024 ** 3 });
          expect(gaps).toEqual([]);
          const read = records.map(({ sequence, entry: { record } }) => ({
            sequence,
            body: Buffer.from(record.bytes).toString(),
          }));
          expect(read).toEqual(expected?.read(one.after));
        }
      }
      for (const use of (await spool.state()).feeds) {
        expect(use).toMatchObject(simple.get(use.feed)?.use() ?? {});
        if (use.records === 0) expect(use.bytes).toBe(0);
      }
    } finally {
      await spool[Symbol.asyncDispose]();
    }
  });
  await fc.assert(property, { numRuns: full ? 300 : 10, seed });
});
