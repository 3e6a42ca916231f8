import { expect, test } from 'vitest';
import { appendChunk } from '../../../src/http/append-chunk.ts';

const first = Buffer.from('abc');

test('copies a body of known size once, into a buffer of that size', () => {
  const buffer = appendChunk(first, 3, Buffer.from('de'), 7, 100);
  expect(buffer).toHaveLength(7);
  expect(appendChunk(buffer, 5, Buffer.from('fg'), 7, 100)).toBe(buffer);
  expect(buffer.toString()).toBe('abcdefg');
});

test('grows by doubling, and never beyond the limit', () => {
  const chunk = Buffer.alloc(1_000);
  let buffer: Buffer = chunk;
  const sizes = new Set<number>();
  for (let length = 1_000; length < 50_000; length += 1_000) {
    buffer = appendChunk(buffer, length, chunk, 0, 50_000);
    sizes.add(buffer.length);
  }
  expect([...sizes]).toEqual([4_096, 10_000, 22_000, 46_000, 50_000]);
});

test('takes no room for an announced size that has been passed', () => {
  expect(appendChunk(first, 3, Buffer.from('de'), 4, 1_000_000).length).toBeLessThanOrEqual(4_096);
});
