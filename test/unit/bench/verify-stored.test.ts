import { describe, expect, it } from 'vitest';
import { collect, dataOfEvent, plainBody } from '../../../bench/support/stored.ts';
import { verifyStored } from '../../../bench/support/verify-stored.ts';

const stored = (one: readonly number[], other: readonly number[]) => new Map(Object.entries({ one, other }));

describe('what benchmarks read back', () => {
  it('counts a run that stored each event once, and those of a key in order', () => {
    expect(() => verifyStored('subject', stored([0, 2, 3], [1, 4]), 5)).not.toThrow();
  });

  it.each([
    ['lost the last one', stored([0, 2, 3], [1])],
    ['lost one in between', stored([0, 3], [1, 4])],
    ['doubled one', stored([0, 2, 2, 3], [1, 4])],
    ['stored one at two keys', stored([0, 2, 3], [1, 2, 4])],
    ['stored one that was not answered', stored([0, 2, 3], [1, 4, 5])],
    ['reordered those of a key', stored([2, 0, 3], [1, 4])],
  ])('does not count one that %s', (_, found) => {
    expect(() => verifyStored('subject', found, 5)).toThrow(/^subject: /);
  });

  it('reads bodies, and the events that the bridge makes of them', () => {
    const body = { id: '000000007', key: 'one' };
    const wanted = new Map([['one', [7]]]);
    expect(collect([JSON.stringify(body)], plainBody)).toEqual(wanted);
    expect(collect([JSON.stringify({ specversion: '1.0', data: body })], dataOfEvent)).toEqual(wanted);
  });
});
