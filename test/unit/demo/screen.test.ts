import { describe, expect, it } from 'vitest';
import { frame } from '../../../demo/frame.ts';
import { createScreen, type Terminal } from '../../../demo/screen.ts';
import { seenOn } from '../../support/fake-terminal.ts';

function terminal(size: Partial<Terminal> = {}): Terminal & { output(): string } {
  let written = '';
  return {
    isTTY: true,
    columns: 80,
    rows: 24,
    ...size,
    write: (text) => {
      written += text;
    },
    output: () => written,
  };
}

const table = ['', 'a 1', 'b 2'];

describe('the live display of the demo', () => {
  it('is drawn in place, below all that was said', () => {
    const watched = terminal();
    const screen = createScreen(watched, 'xterm');
    screen.say('first');
    screen.show(table);
    screen.say('second, which is longer');
    screen.show(['', 'a 1', 'b 3', 'a remark']);
    expect(seenOn(watched.output()).lines).toEqual(['first', 'second, which is longer', '', 'a 1', 'b 3', 'a remark']);
    screen.show(['', 'a 4', 'b 4']);
    expect(seenOn(watched.output()).lines).toEqual(['first', 'second, which is longer', '', 'a 4', 'b 4']);
  });

  it('stays once it is settled, and the cursor comes back', () => {
    const watched = terminal();
    const screen = createScreen(watched, 'xterm');
    screen.show(table);
    expect(seenOn(watched.output()).cursorVisible).toBe(false);
    screen.settle();
    screen.say('the end');
    screen[Symbol.dispose]();
    expect(seenOn(watched.output())).toMatchObject({ lines: [...table, 'the end'], cursorVisible: true });
  });

  it('takes the terminal’s width as it is now', () => {
    const watched = { ...terminal(), columns: 80 };
    const screen = createScreen(watched, 'xterm');
    watched.columns = 120;
    expect(screen.columns).toBe(120);
  });
});

describe('the plain display of the demo', () => {
  it.each([
    ['without a terminal', { isTTY: false }, 'xterm'],
    ['on a terminal that cannot move the cursor', {}, 'dumb'],
    ['on one that is too narrow', { columns: 60 }, 'xterm'],
    ['on one that is too low', { rows: 10 }, 'xterm'],
  ])('is used %s: plain lines, the last display among them', (_where, size, term) => {
    const watched = terminal(size);
    const screen = createScreen(watched, term);
    screen.say('first');
    screen.show(table);
    screen.show(['', 'a 2']);
    screen.settle();
    screen.say('last');
    screen[Symbol.dispose]();
    expect(watched.output()).toBe('first\n\na 2\nlast\n');
  });
});

describe('a frame', () => {
  const feeds = [{ feed: 'journey', fetched: 41, published: 41, confirmed: 40, completed: 40 } as const];

  it.each([78, 80, 100, 200])('fits into %i columns, with a bar for what is completed', (columns) => {
    const lines = frame(feeds, { batches: 80, mood: 'good', columns });
    const { lines: seen } = seenOn(lines.join('\r\n'));
    expect(Math.max(...seen.map((line) => line.length))).toBeLessThan(columns);
    const [, done = '', rest = ''] = /(█+)(░+)/.exec(seen[1] ?? '') ?? [];
    expect(Math.abs(done.length - rest.length)).toBeLessThanOrEqual(1);
    expect(seen[1]).toMatch(/journey.*41 +41 +40 +40$/);
  });

  it('has no bar where there is no room for one', () => {
    const lines = frame(feeds, { batches: 80, mood: 'good', columns: 0 });
    expect(lines.join('')).not.toMatch(/[█░]/);
  });
});
