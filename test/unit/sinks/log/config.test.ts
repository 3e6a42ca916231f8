import { expect, test } from 'vitest';
import { z } from 'zod';
import { logBroker, logDestination } from '../../../../src/sinks/log/config.ts';

test('only the folder has to be given', () => {
  expect(logBroker.parse({ type: 'log', dir: './events' })).toEqual({
    type: 'log',
    dir: './events',
    segmentBytes: 64 * 1024 ** 2,
    segmentAge: 86_400_000,
    retainBytes: 1024 ** 3,
    retainAge: 7 * 86_400_000,
  });
  expect(logDestination.parse({ broker: 'events' })).toEqual({ broker: 'events', topic: '{pipeline}.{feed}' });
});

test.each([
  { type: 'log' },
  { type: 'log', dir: '' },
  { type: 'log', dir: 'x', segmentbytes: '1MiB' },
  { type: 'log', dir: 'x', segmentBytes: '1B' },
  { type: 'log', dir: 'x', segmentBytes: 1_000_000 },
  { type: 'log', dir: 'x', segmentAge: '0s' },
  { type: 'log', dir: 'x', retainAge: '7 days' },
])('refuses the broker %j', (settings) => {
  expect(logBroker.safeParse(settings).success).toBe(false);
});

test.each([{}, { broker: 'x', topic: '{feed' }, { broker: 'x', queue: 'y' }])(
  'refuses the destination %j',
  (settings) => {
    expect(logDestination.safeParse(settings).success).toBe(false);
  },
);

test('every setting has a place in the JSON Schema, with its description', () => {
  const schema = z.toJSONSchema(logBroker, { io: 'input' });
  const described = Object.entries(schema.properties ?? {}).filter(
    ([, property]) => typeof property === 'object' && property.description !== undefined,
  );
  expect(described.map(([name]) => name)).toEqual(['dir', 'segmentBytes', 'segmentAge', 'retainBytes', 'retainAge']);
});
