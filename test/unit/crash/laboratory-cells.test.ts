import { expect, test } from 'vitest';
import { cells, drawnCells, nameOf } from '../../crash/laboratory/cells.ts';
import { faultNames } from '../../crash/laboratory/fault-names.ts';

const titleOf = ({ line, fault }: (typeof cells)[number]) => `${nameOf(line)} | ${fault}`;
const sensible = cells.filter(({ senseless }) => senseless === undefined);
const seeds = Array.from({ length: 4_000 }, (_, seed) => seed);

test('every line is there with every fault, once', () => {
  const lines = new Set(cells.map(({ line }) => nameOf(line)));
  expect(new Set(cells.map(titleOf)).size).toBe(cells.length);
  expect(cells).toHaveLength(lines.size * faultNames.length);
});

test('exactly-once is a line of the sink that has transactions, and of no other', () => {
  const sinks = cells.filter(({ line }) => line.options.delivery === 'exactly-once').map(({ line }) => line.sink);
  expect(new Set(sinks)).toEqual(new Set(['kafka']));
});

test('what is not tried is what happens to a broker that is not there, or forgets its queues when it dies', () => {
  const given = cells.filter(({ senseless }) => senseless !== undefined);
  expect(new Set(given.map(({ line, fault }) => `${line.broker}: ${fault}`))).toEqual(
    new Set(['log: broker killed', 'log: broker frozen', 'log: network faults', 'sqs: broker killed']),
  );
});

test('each run kills the bridge for each source and sink, and draws one other cell', () => {
  const pairs = new Set(cells.map(({ line: { source, sink } }) => `${source} > ${sink}`));
  expect(pairs.size).toBe(24);
  for (const seed of seeds.slice(0, 200)) {
    const drawn = drawnCells(seed);
    const kills = drawn.filter(({ fault }) => fault === 'bridge killed');
    expect(kills.map(({ line: { source, sink } }) => `${source} > ${sink}`).toSorted()).toEqual([...pairs].toSorted());
    expect(drawn).toHaveLength(pairs.size + 1);
  }
});

test('over many runs, every cell that makes sense is drawn, and no other', () => {
  const drawn = new Set(seeds.flatMap((seed) => drawnCells(seed).map(titleOf)));
  expect([...drawn].toSorted()).toEqual(sensible.map(titleOf).toSorted());
});

test('the same seed draws the same', () => {
  expect(drawnCells(20_261)).toEqual(drawnCells(20_261));
});
