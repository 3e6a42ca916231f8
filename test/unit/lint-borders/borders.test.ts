import { beforeAll, describe, expect, test } from 'vitest';
import { borders } from './borders.ts';
import { type Finding, lint, lintPlanted, root } from './run-lint.ts';

const planted = borders.map((border, index) => ({
  ...border,
  path: `${border.folder}/${border.file ?? `planted-${index}.ts`}`,
  lines: [...border.refused, ...border.allowed],
}));

describe('the linter', () => {
  let findings: readonly Finding[];
  beforeAll(async () => {
    findings = await lintPlanted(new Map(planted.map(({ path, lines }) => [path, lines])));
  });

  test.each(planted)('sees to it: $promise', ({ path, rule, lines, refused }) => {
    const broken = findings.filter((finding) => finding.path === path && finding.rule === rule);
    const reported = lines.filter((_, index) => broken.some(({ line }) => line === index + 1));
    expect(reported).toEqual(refused);
  });

  test('finds no border crossed in this project', async () => {
    const rules = new Set(borders.map(({ rule }) => rule));
    const crossed = (await lint(root)).filter(({ rule }) => rules.has(rule));
    expect(crossed).toEqual([]);
  });
});
