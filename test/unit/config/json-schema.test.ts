import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { connectors } from '../../../connectors/index.ts';
import { configurationJsonSchema, type JsonSchema } from '../../../src/config/json-schema.ts';
import { sinkTypes } from '../../../src/sinks/index.ts';
import { configText, load } from './support.ts';

const schema = configurationJsonSchema(connectors, sinkTypes);
const judge = z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema);
const root = join(import.meta.dirname, '../../..');

/** Every schema in it, with a readable path. */
function* parts(part: JsonSchema, path = ''): Generator<{ path: string; part: JsonSchema }> {
  yield { path, part };
  const named = Object.entries(part.properties ?? {}).map(([key, child]) => [`${path}.${key}`, child] as const);
  const forms = [...(part.anyOf ?? []), ...(part.oneOf ?? [])].map(
    (child, index) => [`${path}|${index}`, child] as const,
  );
  const repeated = [part.items, part.additionalProperties].map((child) => [`${path}.*`, child] as const);
  for (const [childPath, child] of [...named, ...forms, ...repeated]) {
    if (typeof child === 'object' && !Array.isArray(child)) yield* parts(child, childPath);
  }
}

async function yamlFiles(folder: string): Promise<string[]> {
  const names = await readdir(join(root, folder));
  return names.filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name));
}

test.each([...(await yamlFiles('test/fixtures/config/good')), ...(await yamlFiles('config'))])(
  '%s fits',
  async (file) => {
    const text = await readFile(join(root, file), 'utf8');
    expect(judge.safeParse(parse(text)).error).toBeUndefined();
  },
);

test.each([
  ['an unknown key at the top', configText().replace('version: 1', 'version: 1\nstat: {}')],
  ['an unknown key of a broker', configText().replace('dir: ./events', 'dir: ./events, drr: x')],
  ['an unknown key of an upstream', configText({ from: '      feds: [x]' })],
  [
    'an unknown key deep inside',
    configText({ from: '      auth: { basic: { username: a, password: b, pasword: c } }' }),
  ],
  ['a missing key', configText().replace('      feeds: [journey]\n', '')],
  ['an unknown connector', configText().replace('connector: fenergo', 'connector: fenegro')],
  ['an unknown feed', configText().replace('[journey]', '[Journey]')],
  ['a duration without a unit', configText({ from: '      timeouts: { connect: "5" }' })],
  ['a version that is not ours', configText().replace('version: 1', 'version: 2')],
  ['no pipeline', 'version: 1\nbrokers: {}\npipelines: []'],
])('%s does not', async (_, text) => {
  expect((await load(text)).configuration).toBeUndefined();
  expect(judge.safeParse(parse(text)).success).toBe(false);
});

describe('for completion in an editor', () => {
  const all = [...parts(schema)];

  test('every mapping says whether it takes other keys', () => {
    const silent = all.filter(({ part }) => part.type === 'object' && part.additionalProperties === undefined);
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('every value has a type, a choice or forms', () => {
    const vague = all.filter(
      ({ part }) => !(part.type ?? part.enum ?? part.const ?? part.anyOf ?? part.oneOf ?? part.allOf),
    );
    expect(vague.map(({ path }) => path)).toEqual([]);
  });

  test('every default fits its own place', () => {
    const given = all.filter(({ part }) => part.default !== undefined);
    expect(given.map(({ path }) => path)).toContain('.state.keepReceipts');
    const misfits = given.filter(
      ({ part }) => !z.fromJSONSchema(part as z.core.JSONSchema.JSONSchema).safeParse(part.default).success,
    );
    expect(misfits.map(({ path }) => path)).toEqual([]);
  });

  test('a secret is text, durations and sizes have their pattern, and times are shown as one writes them', () => {
    const at = (path: string) => all.find((entry) => entry.path.endsWith(path))?.part;
    expect(at('.auth.bearer')).toMatchObject({ type: 'string', minLength: 1, description: expect.any(String) });
    expect(at('.timeouts.connect')).toMatchObject({ type: 'string', pattern: expect.any(String), default: '5s' });
    expect(at('.segmentAge')).toMatchObject({ pattern: expect.any(String), default: '1d' });
    expect(at('.maxResponse')).toMatchObject({ pattern: expect.any(String), default: '64MiB' });
    expect(at('.topic')).toMatchObject({ type: 'string', default: '{pipeline}.{feed}' });
    expect(at('.partitionBy')).toMatchObject({ enum: ['feed', 'entity'], default: 'feed' });
  });
});
