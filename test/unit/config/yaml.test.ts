import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configText, lines, load } from './support.ts';

test('a byte order mark and Windows line ends are fine, and shift no place', async () => {
  const text = configText().replace('feeds: [journey]', 'feeds: [Journey]');
  const plain = lines(await load(text));
  expect(plain[0]).toMatch(/^10:15 CONFIG_UNKNOWN_FEED /);
  expect(lines(await load(`\uFEFF${text}`))).toEqual(plain);
  expect(lines(await load(text.replaceAll('\n', '\r\n')))).toEqual(plain);
  expect(lines(await load('\uFEFFversion: 1, x'))).toEqual(lines(await load('version: 1, x')));
});

test('one document between its marks is fine', async () => {
  expect(lines(await load(`%YAML 1.2\n---\n${configText()}...\n`))).toEqual([]);
});

test('words that older YAML took for booleans and times are text', async () => {
  const text = configText({ from: '      headers: { a: no, b: on, c: 12:30, d: 0o17x }' });
  expect(lines(await load(text))).toEqual([]);
});

test('an alias stands for the whole value, faults included, said once', async () => {
  const text = configText({ from: '      auth: &auth { bearr: x }' });
  const twice =
    text +
    text
      .slice(text.indexOf('  fenergo:'))
      .replace('fenergo:', 'other:')
      .replace('&auth { bearr: x }', '*auth')
      .replace('[journey]', '[document]');
  expect(lines(await load(twice)).filter((line) => line.includes('bearr'))).toHaveLength(2);
  expect(lines(await load(twice)).every((line) => line.startsWith('11:'))).toBe(true);
});

test('a file of more than 1 MiB is refused unread', async () => {
  const loaded = await load(`${configText()}${'# padding\n'.repeat(110_000)}`);
  expect(lines(loaded)).toEqual(['1:1 CONFIG_INVALID The file is larger than 1 MiB. Is it the right one?']);
});

test.each([
  ['brackets', '['.repeat(200_000)],
  ['braces', '{a: '.repeat(100_000)],
  ['sequences', '- '.repeat(200_000)],
  ['indented mappings', Array.from({ length: 900 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ['aliases', `a: &a [1]\nb: [${'*a, '.repeat(100_000)}]`],
  ['aliases of one large list', `a: &a [${'1, '.repeat(40_000)}]\nb: [*a, *a, *a]`],
  ['keys', Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`).join('\n')],
])('a flood of %s is refused within seconds', async (_, text) => {
  const started = performance.now();
  const loaded = await load(text);
  expect(loaded.configuration).toBeUndefined();
  expect(loaded.findings.length).toBeGreaterThan(0);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('whatever the text, there is an answer, every finding has its place, and nothing is thrown', async () => {
  const piece = fc.constantFrom(
    ...['version: 1', '\n', '\n  ', ': ', '- ', '&a ', '*a', '{', '}', '[', ']', '"', "'", '|\n', '#', '? ', '!!str '],
    ...[
      '${env:',
      '${file:/x}',
      '}',
      '---\n',
      '\t',
      '\r',
      '\0',
      '\u2028',
      '\ud800',
      'brokers:',
      'pipelines:',
      '__proto__: 1',
    ],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  await fc.assert(
    fc.asyncProperty(text, async (written) => {
      const loaded = await load(written);
      expect(loaded.configuration).toBeUndefined();
      expect(loaded.findings.length).toBeGreaterThan(0);
      for (const finding of loaded.findings)
        expect(finding.subject).toMatch(/^\/etc\/feedferry\.yaml:[1-9]\d*:[1-9]\d*$/);
    }),
    { numRuns: 500 },
  );
});
