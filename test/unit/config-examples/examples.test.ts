import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { connectors } from '../../../connectors/index.ts';
import { sinkTypes } from '../../../src/sinks/index.ts';
import { load } from './load.ts';

const folder = join(import.meta.dirname, '../../../config');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

function textOf(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

/** With the defaults that stand in comments put in; what follows `or` stays a comment. */
function withDefaults(text: string): string {
  return text.replaceAll(/^( *)# ( *)(\w+):/gm, '$1$2$3:');
}

interface Written {
  readonly brokers: Readonly<Record<string, { readonly type: string }>>;
  readonly pipelines: Readonly<
    Record<
      string,
      { readonly from: { readonly connector: string }; readonly to: unknown; readonly deadLetters?: unknown }
    >
  >;
}

/** Every part of a file with the schema that judges it. */
function parts(text: string): readonly (readonly [z.ZodType, unknown])[] {
  const { brokers, pipelines } = parse(text.replaceAll(/\$\{env:\w+\}/g, 'secret')) as Written;
  const [broker] = Object.values(brokers);
  const sinkType = sinkTypes.find(({ type }) => type === broker?.type);
  if (sinkType === undefined) throw new Error('it has no broker');
  return Object.values(pipelines).flatMap(({ from, to, deadLetters }) => [
    ...connectors.filter(({ name }) => name === from.connector).map(({ config }) => [config, from] as const),
    [sinkType.broker, broker],
    [sinkType.destination, to],
    ...(deadLetters === undefined ? [] : [[sinkType.destination, deadLetters] as const]),
  ]);
}

describe.each(files)('config/%s', (name) => {
  const text = textOf(name);

  it('is good as it stands, and with the defaults that its comments show', async () => {
    expect((await load(text)).findings).toEqual([]);
    expect((await load(withDefaults(text))).findings).toEqual([]);
  });

  it('shows true defaults', async () => {
    const meant = (written: string): unknown[] => parts(written).map(([schema, value]) => schema.parse(value));
    expect(meant(withDefaults(text))).toEqual(meant(text));
    const frame = async (written: string): Promise<unknown> => {
      const { configuration } = await load(written);
      return [configuration?.state, configuration?.listen];
    };
    expect(await frame(withDefaults(text))).toEqual(await frame(text));
  });

  it('tells editors where its schema is', () => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./feedferry.schema.json');
  });
});

/** Their brokers and frame are shown by the first one. */
const ofOneConnector = ['os1.yaml', 'async-session.yaml', 'webhook.yaml', 'wapi.yaml', 'gini.yaml', 'sse.yaml'];

describe('the annotated examples', () => {
  it.each(ofOneConnector)('%s shows every setting of its connector', (name) => {
    const text = textOf(name);
    const connector = connectors.find((candidate) => `${candidate.name}.yaml` === name);
    const { properties = {} } = z.toJSONSchema(connector?.config ?? z.never(), { io: 'input', unrepresentable: 'any' });
    expect(Object.keys(properties)).toContain('connector');
    for (const setting of Object.keys(properties)) expect(text).toMatch(new RegExp(`^ +(# )?(or )?${setting}:`, 'm'));
  });

  it.each(['fenergo.yaml', 'fenergo-kafka.yaml', 'fenergo-rabbitmq.yaml', 'fenergo-sqs.yaml'])(
    '%s shows every setting',
    (name) => {
      const text = textOf(name);
      for (const [schema] of parts(text)) {
        const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
        const isFrom = 'connector' in properties;
        // The other file refers to the first one for these.
        if (isFrom && name !== 'fenergo.yaml') continue;
        for (const setting of Object.keys(properties))
          expect(text).toMatch(new RegExp(`^ +(# )?(or )?${setting}:`, 'm'));
      }
    },
  );
});
