import { describe, expect, it, vi } from 'vitest';
import { createHandover } from '../../../src/sources/sse/handover.ts';
import type { Arrived } from '../../../src/sources/sse/inbox.ts';
import { createTakeOver } from '../../../src/sources/sse/take-over.ts';

const askedAt = new Date(1_000);

function arrived(body: string, at = 2_000): Arrived {
  const record = { bytes: Buffer.from(body), mediaType: 'text/plain', headers: {}, receivedAt: new Date(at) };
  return { record, lastEventId: undefined };
}

/** What comes of it when the old connection has read this, and the new one that, while both are open, and afterwards. */
function takenOver(old: readonly Arrived[], both: readonly string[], afterwards: readonly string[] = []) {
  vi.useFakeTimers();
  try {
    const pushed: string[] = [];
    const inbox = { push: ({ record }: Arrived) => void pushed.push(Buffer.from(record.bytes).toString()) };
    const handover = createHandover();
    handover.leave('a/b', { arrived: old, ended: new Promise(() => {}), close() {} });
    const takeOver = createTakeOver('a/b', inbox, handover, new AbortController().signal);
    expect(takeOver.begin(askedAt)).toBe(true);
    for (const body of both) takeOver.push(arrived(body));
    vi.advanceTimersByTime(1_000);
    for (const body of afterwards) takeOver.push(arrived(body));
    return pushed.join('');
  } finally {
    vi.useRealTimers();
  }
}

const text = (bodies: string) => Array.from(bodies, (body) => arrived(body));

describe('a connection that takes the place of another', () => {
  it.each([
    ['has all that the old one has had since', 'abc', 'abc', '', 'abc'],
    ['was open only later', 'abcd', 'cd', '', 'abcd'],
    ['is ahead of the old one', 'abc', 'cde', 'f', 'abcdef'],
    ['lags behind the old one', 'abcd', 'b', 'cde', 'abcde'],
    ['has begun after the old one was closed', 'abc', 'de', '', 'abcde'],
    ['has nothing yet', 'abc', '', 'de', 'abcde'],
    ['has a state again that was reached before it was open', 'pcx', 'x', 'p', 'pcxp'],
    ['lags behind, and then leaves something out', 'abcd', 'b', 'dd', 'abcddd'],
  ])('that %s', (_name, old, both, afterwards, all) => {
    expect(takenOver(text(old), [...both], [...afterwards])).toBe(all);
  });

  it('is not compared with what was read before it was asked for', () => {
    expect(takenOver([arrived('a', 500), arrived('b')], ['a'])).toBe('aba');
  });

  it('takes nothing where nothing was left', () => {
    const takeOver = createTakeOver('a/b', { push() {} }, createHandover(), new AbortController().signal);
    expect(takeOver.begin(askedAt)).toBe(false);
  });
});
