import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { createPoisonWatch, type PoisonWatch } from '../../../src/pipeline/poison-watch.ts';

/** Shows the watch a batch: `!` is a poison record, anything else is not. Gives the code it refuses it with. */
function show(watch: PoisonWatch, records: string): string {
  const error = new BridgeError('RECORD_MALFORMED', 'bad');
  const poison = [...records].flatMap((record, index) =>
    record === '!' ? [{ index, error, stage: 'normalise' as const }] : [],
  );
  try {
    watch.admit({ events: [], poison, filtered: 0 }, records.length);
    return 'admitted';
  } catch (thrown) {
    return thrown instanceof BridgeError ? thrown.code : 'stranger';
  }
}

describe('the poison watch', () => {
  it('admits poison now and then, for ever', () => {
    const watch = createPoisonWatch();
    for (let batch = 0; batch < 200; batch++) expect(show(watch, '.!.!..!...')).toBe('admitted');
  });

  it('calls 100 in a row a flood, also over several batches', () => {
    const watch = createPoisonWatch();
    for (let batch = 0; batch < 9; batch++) expect(show(watch, '!'.repeat(10))).toBe('admitted');
    expect(show(watch, '!'.repeat(10))).toBe('POISON_FLOOD');
  });

  it('does not call 99 in a row a flood', () => {
    expect(show(createPoisonWatch(), `.${'!'.repeat(99)}.`)).toBe('admitted');
  });

  it('calls half of the last 200 a flood', () => {
    const watch = createPoisonWatch();
    for (let batch = 0; batch < 19; batch++) expect(show(watch, '.!.!.!.!.!')).toBe('admitted');
    expect(show(watch, '.!.!.!.!.!')).toBe('POISON_FLOOD');
  });

  it('does not count what it has refused', () => {
    const watch = createPoisonWatch();
    const flood = '!'.repeat(100);
    expect(show(watch, flood)).toBe('POISON_FLOOD');
    expect(show(watch, flood)).toBe('POISON_FLOOD');
    expect(show(watch, '!'.repeat(50))).toBe('admitted');
  });

  it('admits a batch without poison in the middle of a flood', () => {
    const watch = createPoisonWatch();
    for (let batch = 0; batch < 9; batch++) show(watch, '!'.repeat(10));
    expect(show(watch, '!'.repeat(10))).toBe('POISON_FLOOD');
    expect(show(watch, '.'.repeat(10))).toBe('admitted');
  });

  it('admits one flood after an operator has said so, however large its batch is', () => {
    const watch = createPoisonWatch({ pardon: true });
    expect(show(watch, '....')).toBe('admitted');
    expect(show(watch, '!'.repeat(1_000))).toBe('admitted');
    expect(show(watch, '!'.repeat(100))).toBe('POISON_FLOOD');
  });
});
