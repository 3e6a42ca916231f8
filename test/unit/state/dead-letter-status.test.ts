import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeadLetter } from '../../../src/core/dead-letter.ts';
import { later, sampleLetter } from '../../conformance/state/samples.ts';
import { open } from './sqlite-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const id = fc.constantFrom('letter-a', 'letter-b', 'letter-c');

type Act =
  | { readonly kind: 'add'; readonly letter: DeadLetter }
  | { readonly kind: 'close'; readonly ids: readonly string[]; readonly status: 'redriven' | 'discarded' }
  | { readonly kind: 'fail'; readonly id: string; readonly reason: string };

const added = fc.record({
  id,
  status: fc.constantFrom('open', 'parked'),
  stage: fc.constantFrom('publish', 'parked'),
  reason: fc.string(),
  attempts: fc.nat(9),
});
const act: fc.Arbitrary<Act> = fc.oneof(
  added.map((changes): Act => ({ kind: 'add', letter: sampleLetter(changes) })),
  fc
    .record({ ids: fc.array(id, { maxLength: 3 }), status: fc.constantFrom('redriven', 'discarded') })
    .map((close): Act => ({ kind: 'close', ...close })),
  fc.record({ id, reason: fc.string() }).map((fail): Act => ({ kind: 'fail', ...fail })),
);

const isClosed = ({ status }: DeadLetter) => status === 'redriven' || status === 'discarded';

/** The rules, one letter at a time. */
function after(letter: DeadLetter | undefined, what: Act, at: Date): DeadLetter | undefined {
  if (letter === undefined) return what.kind === 'add' ? what.letter : undefined;
  if (isClosed(letter)) return letter;
  switch (what.kind) {
    case 'add': {
      if (what.letter.stage === 'parked' && letter.stage !== 'parked') return letter;
      return what.letter;
    }
    case 'close':
      return { ...letter, status: what.status, closedReason: 'as told', closedAt: at };
    case 'fail':
      return { ...letter, attempts: letter.attempts + 1, reason: what.reason, stage: 'publish', lastAt: at };
  }
}

test('whatever happens to dead letters, what is closed stays closed, and what was refused is not taken for what waits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 20 }), async (acts) => {
      await using directory = await temporaryDirectory();
      await using state = await open(directory.path);
      const model = new Map<string, DeadLetter>();
      for (const [turn, what] of acts.entries()) {
        const at = later(turn);
        const ids = what.kind === 'add' ? [what.letter.id] : what.kind === 'close' ? what.ids : [what.id];
        const closable = [...new Set(ids)].filter((one) => {
          const letter = model.get(one);
          return letter !== undefined && !isClosed(letter);
        });
        for (const one of new Set(ids)) {
          const next = after(model.get(one), what, at);
          if (next !== undefined) model.set(one, next);
        }
        switch (what.kind) {
          case 'add':
            await state.deadLetters.add([what.letter]);
            break;
          case 'close': {
            const closing = { status: what.status, reason: 'as told', at };
            expect(await state.deadLetters.close(ids, closing)).toEqual(closable);
            break;
          }
          case 'fail': {
            const failure = { ...sampleLetter(), stage: 'publish', reason: what.reason, lastAt: at } as const;
            await state.deadLetters.failedAgain(what.id, { ...failure, destination: undefined });
          }
        }
      }
      const all = await state.deadLetters.list({ status: ['open', 'parked', 'redriven', 'discarded'], limit: 10 });
      expect(all.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
        [...model.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
      );
      const shown = await state.deadLetters.list({ limit: 10 });
      expect(shown.some(isClosed)).toBe(false);
    }),
    { numRuns: 30 },
  );
}, 60_000);
