import { describe, expect, it } from 'vitest';
import { verify } from '../../../bench/poll/verify.ts';
import { feedNames } from '../../../connectors/fenergo/feeds.ts';

function judge(journey: readonly number[]): void {
  const clean = new Map(feedNames.map((feed) => [feed as string, [1, 2, 3]] as const));
  verify('subject', new Map<string, readonly number[]>([...clean, ['journey', journey]]), 3);
}

describe('a benchmark', () => {
  it('counts a run that stored each event once and in order', () => {
    expect(() => judge([1, 2, 3])).not.toThrow();
  });

  it.each([
    ['lost the last event', [1, 2]],
    ['lost one in between', [1, 3]],
    ['lost a whole feed', []],
    ['doubled one', [1, 2, 2, 3]],
    ['stored more than there was', [1, 2, 3, 4]],
    ['reordered them', [2, 1, 3]],
  ])('does not count one that %s', (_, journey) => {
    expect(() => judge(journey)).toThrow(/^subject: feed journey/);
  });
});
