import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { badFiles } from './bad-files.ts';
import { canaries, lines, load } from './support.ts';

const folder = join(import.meta.dirname, '../../fixtures/config/bad');

test('every bad file has its place in the table', async () => {
  const names = (await readdir(folder)).map((file) => basename(file, '.yaml'));
  expect(names.toSorted()).toEqual(Object.keys(badFiles).toSorted());
});

describe.each(Object.entries(badFiles))('%s', (name, expected) => {
  test('is refused with every fault at its place, its code and what to do', async () => {
    const file = `${name}.yaml`;
    const loaded = await load(await readFile(join(folder, file), 'utf8'), { file });
    expect(loaded.configuration).toBeUndefined();
    const found = lines(loaded);
    expect(found.map(placeAndCode)).toEqual(expected.map(placeAndCode));
    for (const [index, wanted] of expected.entries()) {
      expect(found[index]).toContain(wanted.slice(placeAndCode(wanted).length + 1));
    }
    for (const finding of loaded.findings) expect(finding.subject).toMatch(new RegExp(`^${file}:\\d+:\\d+$`));
    for (const canary of Object.values(canaries)) expect(found.join()).not.toContain(canary);
  });
});

function placeAndCode(line: string): string {
  return line.split(' ', 2).join(' ');
}
