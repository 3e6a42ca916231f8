import { expect, it } from 'vitest';
import { createBell } from '../../../src/sources/answers/bell.ts';

const never = new AbortController().signal;

/** Whether it resolves before what is already due. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  return await Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(resolve, false)),
  ]);
}

it('a bell is heard by whoever waits', async () => {
  const bell = createBell();
  const heard = bell.rung(never);
  expect(await isOver(heard)).toBe(false);
  bell.ring();
  expect(await isOver(heard)).toBe(true);
});

it('a bell that has rung is heard later, once', async () => {
  const bell = createBell();
  bell.ring();
  bell.ring();
  expect(await isOver(bell.rung(never))).toBe(true);
  expect(await isOver(bell.rung(never))).toBe(false);
});

it('whoever stops waits no more', async () => {
  const bell = createBell();
  const stop = new AbortController();
  const heard = bell.rung(stop.signal);
  expect(await isOver(heard)).toBe(false);
  stop.abort();
  expect(await isOver(heard)).toBe(true);
  expect(await isOver(bell.rung(stop.signal))).toBe(true);
});
