import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHere } from '../cli/support.ts';
import { load } from '../config-examples/load.ts';

const root = join(import.meta.dirname, '../../..');

function textOf(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** What the pattern's first group finds. */
function all(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

function blocks(text: string, language: string): readonly string[] {
  return all(text, new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'));
}

/** As GitHub makes it of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** The names of the commands in a help text. */
function commandsIn(help: string): readonly string[] {
  return all(help, /^ {2}([a-z-]+)(?: |$)/gm);
}

describe.each(['README.md', 'CONTRIBUTING.md'])('%s', (name) => {
  const text = textOf(name);

  it('links to files and headings that are there', () => {
    const targets = all(text, /\]\(([^)]+)\)/g).filter((target) => !/^https?:/.test(target));
    expect(targets.length).toBeGreaterThan(3);
    for (const target of targets) {
      const [path = '', fragment] = target.split('#');
      const file = path === '' ? name : path;
      expect(existsSync(join(root, file)), target).toBe(true);
      if (fragment) expect(all(textOf(file), /^#+ (.+)$/gm).map(anchor)).toContain(fragment);
    }
  });

  it('names scripts that package.json has', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const named = all(text, /npm run (?:-s )?([\w:-]+)/g);
    expect(named.length).toBeGreaterThan(0);
    for (const script of named) expect(Object.keys(scripts)).toContain(script);
  });

  it('names files that are there', () => {
    const named = all(text, /`((?:src|test|docs|config|connectors|demo|tools)\/[^`*<>A-Z]+\.(?:ts|md|yaml|json))`/g);
    for (const file of named) expect(existsSync(join(root, file)), file).toBe(true);
  });
});

describe('the README', () => {
  const readme = textOf('README.md');

  it.each(blocks(readme, 'yaml').map((block) => [block.split('\n').length - 1, block] as const))(
    'shows a configuration of %i lines that is good',
    async (_lines, block) => {
      expect((await load(block)).findings).toEqual([]);
    },
  );

  it('needs six lines for an upstream of one’s own', () => {
    expect(blocks(readme, 'yaml')[0]?.trimEnd().split('\n')).toHaveLength(6);
  });

  it('lists all commands, and no others', async () => {
    const { stdout } = await runHere(['--help']);
    const listed = all(readme, /^\| (`feedferry .*?) \|/gm).flatMap((cell) => all(cell, /`feedferry ([a-z-]+)`/g));
    expect(listed.toSorted()).toEqual(
      commandsIn(stdout.slice(stdout.indexOf('Commands:')))
        .filter((command) => command !== 'help')
        .toSorted(),
    );
  });

  it('calls commands that know the options it gives them', async () => {
    const calls = all(readme, /npm run feedferry -- ([a-z].*?)(?: {2,}|`|$)/gm);
    expect(calls.length).toBeGreaterThan(3);
    for (const call of calls) {
      const words = call.split(' ');
      const options = words.filter((word) => word.startsWith('-'));
      const { code, stdout } = await runHere([...words.filter((word) => !options.includes(word)), '--help']);
      expect(code, call).toBe(0);
      for (const option of options) expect(stdout, call).toContain(option);
    }
  });
});
