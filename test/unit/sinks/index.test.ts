import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sinkTypes } from '../../../src/sinks/index.ts';

test('each kind of broker is named by the `type` of its settings, once', () => {
  const types = sinkTypes.map(({ type }) => type);
  expect(new Set(types).size).toBe(types.length);
  for (const { type, broker } of sinkTypes) {
    const issues = broker.safeParse({ type: 'something else' }).error?.issues ?? [];
    expect(
      issues.some(({ path }) => path[0] === 'type'),
      type,
    ).toBe(true);
  }
});

test('no client library is loaded before a sink is opened', () => {
  const list = fileURLToPath(new URL('../../../src/sinks/index.ts', import.meta.url));
  const program = `
    const loaded = [];
    (await import('node:module')).registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import(${JSON.stringify(list)});
    console.log(JSON.stringify(loaded));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  const packages = (JSON.parse(output) as string[]).flatMap(
    (url) => url.match(/node_modules\/(@[^/]+\/[^/]+|[^/]+)/)?.[1] ?? [],
  );
  expect(packages).toContain('zod');
  expect(packages.filter((name) => /kafka|amqp|aws/.test(name))).toEqual([]);
});
