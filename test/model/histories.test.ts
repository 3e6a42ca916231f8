import { expect, it } from 'vitest';
import { crashes } from './histories/crashes.ts';
import { disks } from './histories/disks.ts';
import { endings } from './histories/endings.ts';
import { parking } from './histories/parking.ts';
import { refusals } from './histories/refusals.ts';
import type { NamedHistory } from './history.ts';
import { play } from './play.ts';

const histories: readonly NamedHistory[] = [...refusals, ...crashes, ...disks, ...endings, ...parking];

it.each(histories)('keeps every promise when $name', async ({ feeds, sink, state, destinations, onPoison, lines }) => {
  const history = {
    feeds,
    sink: sink ?? { maxOpenCalls: 1, events: 4 },
    state: state ?? 'memory',
    destinations: destinations ?? 1,
    onPoison: onPoison ?? 'dead-letter',
  };
  const { breaches } = await play(history, lines);
  expect(breaches).toEqual([]);
});
