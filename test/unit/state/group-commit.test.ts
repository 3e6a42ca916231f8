import { expect, test } from 'vitest';
import { sampleLetter } from '../../conformance/state/samples.ts';
import { open } from './sqlite-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

test('a dead letter that cannot be stored takes its own batch with it, and nobody else’s', async () => {
  await using directory = await temporaryDirectory();
  await using state = await open(directory.path);
  const impossible = sampleLetter({ id: 'impossible', attempts: 1.5 });
  const results = await Promise.allSettled([
    state.deadLetters.add([sampleLetter({ id: 'one' }), sampleLetter({ id: 'two' })]),
    state.deadLetters.add([sampleLetter({ id: 'three' }), impossible]),
    state.cursors.set('tickets/all', '1'),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((await state.deadLetters.list({ limit: 10 })).map(({ id }) => id)).toEqual(['one', 'two']);
  expect(await state.cursors.get('tickets/all')).toBe('1');
});

test('a write after one that failed is done', async () => {
  await using directory = await temporaryDirectory();
  await using state = await open(directory.path);
  await expect(state.deadLetters.add([sampleLetter({ attempts: 1.5 })])).rejects.toMatchObject({ code: 'INTERNAL' });
  await state.deadLetters.add([sampleLetter()]);
  expect(await state.deadLetters.get(sampleLetter().id)).toEqual(sampleLetter());
});
