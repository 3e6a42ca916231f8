import type { NamedHistory } from '../history.ts';

/** SIGTERM, and operators. */
export const endings: readonly NamedHistory[] = [
  {
    name: 'it is drained while the broker refuses',
    feeds: [{ arrival: 'told', batches: ['1@a', '2@a'] }],
    lines: ['until publish', 'drain', 'publish: refused', 'publish'],
  },
  {
    name: 'the time of a drain is over while the broker refuses',
    feeds: [{ arrival: 'told', batches: ['1@a'] }],
    lines: ['until publish', 'drain', 'time', 'publish: refused'],
  },
  {
    name: 'the time of a drain is over while the broker is silent, which writes later',
    feeds: [{ arrival: 'told', batches: ['1@a 2@a', '3@a'] }],
    lines: ['until publish', 'drain', 'time', 'until publish', 'land', 'publish'],
  },
  {
    name: 'it is killed in the midst of a drain',
    feeds: [{ arrival: 'in-order', batches: ['1@a', '2@b'] }],
    lines: ['until publish', 'drain', 'publish', 'enter 0', 'crash: ack 0 acted'],
  },
  {
    name: 'a feed is resumed while it still comes to rest',
    feeds: [{ arrival: 'told', batches: ['1@a', '2@a'] }],
    lines: ['until publish', 'pause 0', 'resume 0', 'publish', 'until publish', 'pause 0', 'time', 'resume 0'],
  },
  {
    name: 'one of two feeds in a lane is paused and begins again before the broker has answered it',
    feeds: [
      { arrival: 'told', batches: ['1@a', '2@a'] },
      { arrival: 'told', batches: ['3@a', '4@a'] },
    ],
    sink: { maxOpenCalls: 2, events: 1 },
    lines: ['find 0', 'find 1', 'pause 0', 'resume 0', 'time', 'next 0', 'find 0'],
  },
  {
    name: 'a batch was given back and only upstream can hand it out again',
    feeds: [{ arrival: 'told', batches: ['1@a'] }],
    lines: ['next 0', 'pause 0', 'time', 'find 0: damaged'],
  },
  {
    name: 'a drain interrupts a batch on its way to two destinations',
    feeds: [{ arrival: 'told', batches: ['0.0.0@a'] }],
    destinations: 2,
    lines: ['until publish 1', 'drain', 'time'],
  },
  {
    name: 'one destination halts the feed, the other confirms, and the process is killed before the batch comes again',
    feeds: [{ arrival: 'told', batches: ['0.0.0@a 0.0.1@b', '0.1.0@a'] }],
    destinations: 2,
    lines: ['until publish 1', 'publish: fatal', 'publish 1', 'part 0', 'crash'],
  },
];
