import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCatalogue } from '../../../src/core/errors.ts';
import { errorGroups } from '../../../tools/generate/errors-page.ts';
import { generatedFiles } from '../../../tools/generate/files.ts';

const root = join(import.meta.dirname, '../../..');

test.each(generatedFiles())('$path is as `node tools/generate.ts` writes it', async ({ path, content }) => {
  expect(await readFile(join(root, path), 'utf8')).toBe(content);
});

test('docs/errors.md has every code of the catalogue once', () => {
  const codes = errorGroups.flatMap(({ entries }) => Object.keys(entries));
  expect(codes.toSorted()).toEqual(Object.keys(errorCatalogue).toSorted());
});
