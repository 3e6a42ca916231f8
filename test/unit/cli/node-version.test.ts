import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isNewEnough } from '../../../src/cli/node-version.ts';

const root = join(import.meta.dirname, '..', '..', '..');

test.each(['24.17.0', '24.99.1', '26.1.0', '26.10.0', '27.0.0', '30.0.0'])('%s is new enough', (version) => {
  expect(isNewEnough(version)).toBe(true);
});

test.each(['18.20.8', '20.20.2', '22.22.0', '24.0.0', '24.16.9', '25.9.0', '26.0.0', ''])('%s is not', (version) => {
  expect(isNewEnough(version)).toBe(false);
});

test('npm is told the same', () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(engines).toEqual({ node: '^24.17.0 || >=26.1.0' });
});
