import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createEnvelope } from '../../../src/core/envelope.ts';
import { configText, lines, load } from './support.ts';

const withTo = (to: string) => configText().replace('to: { broker: local }', `to: ${to}`);
const destinationsOf = async (to: string) => (await load(withTo(to))).configuration?.pipelines[0]?.to ?? [];
const findingsOf = async (to: string) => lines(await load(withTo(to)));

describe('destinations', () => {
  test('one alone needs no name', async () => {
    expect(await destinationsOf('{ broker: local }')).toMatchObject([{ name: undefined, when: undefined }]);
    expect(await destinationsOf('[{ broker: local }]')).toMatchObject([{ name: undefined }]);
  });

  test('of one broker are told apart by their place', async () => {
    const names = (await destinationsOf('[{ broker: local }, { broker: local, topic: x }]')).map(({ name }) => name);
    expect(names).toEqual(['local (to[0])', 'local (to[1])']);
  });

  test('keep their identity wherever they stand, and lose it with other settings or another condition', async () => {
    const list = await destinationsOf(
      '[{ broker: local, topic: a }, { broker: local, topic: b }, { broker: local, topic: c, when: /data/x }]',
    );
    const moved = await destinationsOf(
      '[{ broker: local, topic: c, when: /data/y }, { broker: local, topic: b }, { broker: local, topic: a }]',
    );
    const [a, b, c] = list.map(({ identity }) => identity);
    expect(moved.map(({ identity }) => identity).slice(1)).toEqual([b, a]);
    expect(moved[0]?.identity).not.toBe(c);
    expect(new Set([a, b, c]).size).toBe(3);
  });

  test('are each judged at their place', async () => {
    expect(await findingsOf('[{ broker: local, tpic: x }, { broker: lcal }, local]')).toEqual([
      '12:27 CONFIG_UNKNOWN_KEY pipelines.fenergo.to[0] has no setting "tpic". Did you mean "topic"?',
      '12:48 CONFIG_UNKNOWN_BROKER There is no broker "lcal". Did you mean "local"?',
      '12:56 CONFIG_INVALID pipelines.fenergo.to[2] is text. Expected a mapping with the key "broker".',
    ]);
  });

  test('are at least one', async () => {
    expect(await findingsOf('[]')).toEqual([
      '12:9 CONFIG_INVALID pipelines.fenergo.to is an empty list. Expected at least one destination.',
    ]);
  });

  test('do not stand there twice, with whatever conditions', async () => {
    expect(await findingsOf('[{ broker: local, when: /data/a }, { broker: local, when: /data/b }]')).toEqual([
      expect.stringMatching(/^12:44 CONFIG_UNSAFE pipelines\.fenergo\.to\[1\] is the same destination as \[0\]/),
    ]);
  });
});

test('the list that the annotated example shows is good, in place of the one destination', async () => {
  const text = await readFile(join(import.meta.dirname, '../../../config/fenergo.yaml'), 'utf8');
  const [before = '', list = ''] = text.split(/^ {4}to:$[\s\S]*?^ {4}# or to:$/m);
  const shown = list.replaceAll(/^ {4}# {2}/gm, '    ');
  const loaded = await load(`${before}    to:${shown}`, { env: { FENERGO_CLIENT_SECRET: 'x' } });
  expect(lines(loaded)).toEqual([]);
  expect(loaded.configuration?.pipelines[0]?.to).toMatchObject([
    { name: 'events (to[0])', when: undefined },
    { name: 'events (to[1])', destination: { topic: 'tasks' }, when: expect.any(Function) },
  ]);
});

describe('a condition', () => {
  test('that is not JSONata is refused where it stands', async () => {
    expect(await findingsOf(`[{ broker: local, when: 'type = ' }]`)).toEqual([
      expect.stringMatching(/^12:33 CONFIG_INVALID The condition is not valid JSONata, at character \d+: /),
    ]);
  });

  test.each([
    ['', 'is empty'],
    ['~', 'is empty'],
    ['7', 'is a number'],
    ['[a]', 'is a list'],
    ['"${env:API_KEY}"', 'is a reference'],
    ['/a~2', 'JSON Pointer'],
    ["'$random() > 0.5'", 'uses $random'],
    ["'$map(data, function($x) { $now() })'", 'uses $now'],
  ])('%s is refused', async (when, words) => {
    const found = await findingsOf(`[{ broker: local, when: ${when || '""'} }]`);
    expect(found).toEqual([expect.stringContaining('CONFIG_INVALID')]);
    expect(found[0]).toContain(words);
  });

  test('is for lists', async () => {
    expect(await findingsOf('{ broker: local, when: /data/x }')).toEqual([
      expect.stringMatching(/^12:26 CONFIG_UNKNOWN_KEY pipelines\.fenergo\.to has a condition, but is no list\./),
    ]);
  });

  const event = createEnvelope(
    {
      specversion: '1.0',
      id: '1',
      source: '/sample',
      type: 'com.example.done',
      datacontenttype: 'application/json',
      partitionkey: 'p',
    },
    { kind: 'json', bytes: Buffer.from('{"state":"open","no":false,"none":null,"zero":0,"a/b":{"~":[1]},"list":[]}') },
  );

  async function meets(when: string, envelope = event): Promise<boolean | undefined> {
    const [to] = await destinationsOf(`[{ broker: local, when: ${JSON.stringify(when)} }]`);
    return to?.when?.(envelope);
  }

  test.each([
    ['/data/state', true],
    ['/type', true],
    ['/data/a~1b/~0/0', true],
    ['/data/no', false],
    ['/data/none', false],
    ['/data/zero', false],
    ['/data/list', false],
    ['/data/absent/deeper', false],
    ['/data/constructor', false],
    ['type = "com.example.done"', true],
    ['type = "com.example.other"', false],
    ['data.state = "open" and $not(data.no)', true],
    ['data.absent', false],
    ['data.*[$ = "open"]', true],
    ['$contains(type, /^com\\./)', true],
  ])('%s gives %s', async (when, met) => {
    expect(await meets(when)).toBe(met);
  });

  test('sees bytes that are no JSON as data_base64', async () => {
    const binary = createEnvelope(event.attributes, { kind: 'binary', bytes: Buffer.from('x') });
    expect(await meets('data_base64 = "eA=="', binary)).toBe(true);
  });

  test('that fails on an event makes it poison, and says why', async () => {
    await expect(meets('$sum(data.state) > 1')).rejects.toMatchObject({ code: 'CONDITION_FAILED' });
  });

  test('that never ends is cut off, by depth or by time', async () => {
    await expect(meets('($f := function($x) { 1 + $f($x) }; $f(1))')).rejects.toMatchObject({
      code: 'CONDITION_FAILED',
      message: 'the condition fails: it is more than 500 levels deep',
    });
    await expect(meets('($f := function($x) { $f($x) }; $f(1))')).rejects.toMatchObject({
      message: 'the condition fails: it took more than 500 ms, 3 times',
    });
  });
});
