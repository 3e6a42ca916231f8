import { inspect } from 'node:util';
import { expect } from 'vitest';
import { z } from 'zod';
import { type ConnectorDefinition, type ConnectorPromises, feedsOf } from './definition.ts';

export function configurationPromises(definition: ConnectorDefinition): ConnectorPromises {
  const { connector, from } = definition;
  const issuesOf = (value: unknown): readonly z.core.$ZodIssue[] =>
    connector.config.safeParse(value).error?.issues ?? [];
  return {
    'accepts the configuration of its example': () => {
      expect(issuesOf(from)).toEqual([]);
    },
    'refuses a setting that it does not know': () => {
      expect(issuesOf({ ...from, baseUrI: 'x' })).toMatchObject([{ code: 'unrecognized_keys', keys: ['baseUrI'] }]);
    },
    'refuses the configuration of another connector': () => {
      expect(issuesOf({ ...from, connector: 'another' })).toMatchObject([{ path: ['connector'] }]);
    },
    'refuses what is no mapping': () => {
      for (const value of [undefined, null, 'text', 7, []]) expect(issuesOf(value)).not.toEqual([]);
    },
    'has a schema for editors': () => {
      const schema = z.toJSONSchema(connector.config, { io: 'input', unrepresentable: 'any' });
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(schema.properties?.['connector']).toMatchObject({ const: connector.name });
    },
    'gives feeds of distinct names, each with a source': () => {
      const feeds = feedsOf(definition);
      expect(feeds.length).toBeGreaterThan(0);
      expect(new Set(feeds.map((feed) => feed.name)).size).toBe(feeds.length);
      for (const feed of feeds) {
        expect(feed.name).toMatch(/^[\w.-]+$/);
        expect(feed.source).toMatch(/^\/[\x21-\x7e]+$/);
      }
    },
    'means the same by the same configuration': () => {
      expect(inspect(feedsOf(definition), { depth: 10 })).toBe(inspect(feedsOf(definition), { depth: 10 }));
    },
    'shows no secret of its configuration': () => {
      expect(JSON.stringify(from)).toContain('hush');
      expect(inspect(feedsOf(definition), { depth: 20, showHidden: true })).not.toContain('hush');
      expect(JSON.stringify(feedsOf(definition))).not.toContain('hush');
    },
  };
}
