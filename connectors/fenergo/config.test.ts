import { describe, expect, it } from 'vitest';
import { configSchema } from './config.ts';

const good = { connector: 'fenergo', baseUrl: 'https://api.example.com', feeds: ['journey'] };

function issuesOf(settings: object): readonly unknown[] {
  return configSchema.safeParse({ ...good, ...settings }).error?.issues ?? [];
}

describe('the settings of fenergo', () => {
  it('have safe defaults', () => {
    expect(configSchema.parse(good)).toMatchObject({
      feeds: ['journey'],
      schedule: { kind: 'every', everyMs: 15_000, jitter: 0.1 },
      eventTypes: ['*'],
      partitionBy: 'feed',
      typePrefix: 'com.fenergo',
      delivery: 'poll',
    });
  });

  it('take `all` for the six feeds', () => {
    const six = ['journey', 'entitydata', 'document', 'screening', 'digitalidv', 'association'];
    expect(configSchema.parse({ ...good, feeds: 'all' }).feeds).toEqual(six);
  });

  it.each([
    ['Journey', 'fenergo has no feed "Journey"; names are case-sensitive. Did you mean "journey"?'],
    ['ENTITYDATA', 'fenergo has no feed "ENTITYDATA"; names are case-sensitive. Did you mean "entitydata"?'],
    ['jorney', 'fenergo has no feed "jorney"; names are case-sensitive. Did you mean "journey"?'],
    [
      'tickets',
      'fenergo has no feed "tickets"; names are case-sensitive. There are journey, entitydata, document, screening, digitalidv, association.',
    ],
  ])('refuse the feed %s, with the right spelling', (name, message) => {
    expect(issuesOf({ feeds: ['document', name] })).toMatchObject([
      { path: ['feeds', 1], message, params: { code: 'CONFIG_UNKNOWN_FEED' } },
    ]);
  });

  it('refuse a feed that is listed twice, no feed, and a feed that is not in a list', () => {
    expect(issuesOf({ feeds: ['journey', 'document', 'journey'] })).toMatchObject([
      { path: ['feeds', 2], message: 'feed "journey" is listed twice' },
    ]);
    expect(issuesOf({ feeds: [] })).toMatchObject([{ path: ['feeds'] }]);
    expect(issuesOf({ feeds: 'journey' })).toMatchObject([
      { path: ['feeds'], message: expect.stringContaining('[journey') },
    ]);
    expect(issuesOf({ feeds: undefined })).toMatchObject([{ path: ['feeds'] }]);
  });

  it.each([
    { eventTypes: [] },
    { eventTypes: [''] },
    { partitionBy: 'tenant' },
    { typePrefix: 'com.fenergo.' },
    { typePrefix: '' },
    { typePrefix: 'com fenergo' },
    { baseUrl: 'api.example.com' },
    { delivery: 'webhook' },
    { delivery: 'both' },
    { webhook: { path: '/hooks/fenergo', verify: { preset: 'fenergo', keys: ['x'] } } },
    { delivery: 'webhook', webhook: { path: '/hooks/fenergo' } },
    { delivery: 'mail' },
  ])('refuse %j', (settings) => {
    expect(issuesOf(settings)).toHaveLength(1);
  });
});
