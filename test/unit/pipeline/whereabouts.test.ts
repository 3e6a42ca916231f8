import { expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { Receipt } from '../../../src/core/sink.ts';
import type { Settlement } from '../../../src/pipeline/publisher.ts';
import { whereabouts } from '../../../src/pipeline/whereabouts.ts';

function at(destination: string, receipt: Receipt): Settlement {
  return { status: 'confirmed', destination, receipt };
}

const poison: Settlement = { status: 'poison', error: new BridgeError('EVENT_REFUSED', 'no'), attempts: 1 };

it('names a run of offsets by its ends', () => {
  const run = [881, 882, 883].map((offset) => at('fenergo.journey', { partition: 0, offset }));
  expect(whereabouts(run)).toBe('fenergo.journey/0 @ 881-883');
});

it('reads offsets that are text, as brokers give them', () => {
  expect(whereabouts([at('t', { partition: 3, offset: '9007199254740990' })])).toBe('t/3 @ 9007199254740990');
});

it('names each place, and each gap', () => {
  expect(
    whereabouts([
      at('a', { partition: 0, offset: 1 }),
      at('b', { offset: 7 }),
      poison,
      at('a', { partition: 0, offset: 2 }),
      at('a', { partition: 0, offset: 5 }),
    ]),
  ).toBe('a/0 @ 1-2, 5; b @ 7');
});

it('names the place alone where the broker gives no offsets', () => {
  expect(whereabouts([at('queue', { messageId: 'x' }), at('queue', { messageId: 'y' })])).toBe('queue');
});

it('cuts a long list short', () => {
  const scattered = Array.from({ length: 100 }, (_, n) => at('t', { offset: n * 2 }));
  expect(whereabouts(scattered)).toBe('t @ 0, 2, 4, 6, 8, …');
});

it('is nothing for a batch of which nothing was published', () => {
  expect(whereabouts([poison])).toBe('');
});
