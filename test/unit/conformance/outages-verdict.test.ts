import { describe, expect, test } from 'vitest';
import { undergo } from '../../conformance/sink-outages/ordeal.ts';
import { largest, openPlanted, type Plant } from './planted-faults.ts';

const good = { lost: 0, reordered: 0, altered: 0, poisonStored: 0 };

async function outageWith(plant: Plant) {
  await using subject = openPlanted(plant);
  const { lost, reordered, doubled, altered, poisonStored } = await undergo(subject, subject.outage, 1);
  return { lost, reordered, doubled, altered, poisonStored };
}

async function poisonWith(plant: Plant) {
  await using subject = openPlanted(plant);
  const poison = { kind: 'poison', bytes: largest + 1, code: 'EVENT_TOO_LARGE' } as const;
  const { lost, reordered, altered, poisonStored } = await undergo(subject, poison, 2);
  return { lost, reordered, altered, poisonStored };
}

describe('what a sink does in an outage:', () => {
  test('an honest one is found good, and what it had to send again is counted', async () => {
    const { doubled, ...rest } = await outageWith('none');
    expect(rest).toEqual(good);
    expect(doubled).toBeGreaterThan(0);
  });

  test.each([
    ['confirms early', 'lost'],
    ['takes unknown for confirmed', 'lost'],
    ['drops what it sends again', 'lost'],
    ['goes on in a lane after a failure', 'reordered'],
    ['alters what it sends again', 'altered'],
  ] as const)('one that %s is found out by what is %s', async (plant, count) => {
    expect((await outageWith(plant))[count]).toBeGreaterThan(0);
  });

  test('one that forgets a connection is found out', { timeout: 20_000 }, async () => {
    await expect(outageWith('forgets a connection')).rejects.toThrow('connections left open');
  });
});

describe('what a sink does with poison:', () => {
  test('an honest one is found good', async () => {
    expect(await poisonWith('none')).toEqual(good);
  });

  test('one that stores what it calls poison is found out', async () => {
    expect((await poisonWith('stores poison')).poisonStored).toBeGreaterThan(0);
  });
});
