import type { NamedHistory } from '../history.ts';

/** Keys are parked and released. */
export const parking: readonly NamedHistory[] = [
  {
    name: 'a key is parked, and released in the end',
    feeds: [{ arrival: 'told', batches: ['1@a 2@b 3@a', '4@a 5@b'] }],
    onPoison: 'park-key',
    lines: ['publish: poison'],
  },
  {
    name: 'an event is refused while later ones of its key are in flight in other batches',
    feeds: [{ arrival: 'in-order', batches: ['1@a', '2@a 3@b', '4@a'] }],
    onPoison: 'park-key',
    sink: { maxOpenCalls: 2, events: 4 },
    lines: ['give 0', 'find 0', 'give 0', 'find 0', 'give 0', 'find 0', 'publish: poison'],
  },
  {
    name: 'it is killed between a refusal and the dead letter',
    feeds: [{ arrival: 'in-order', batches: ['1@a', '2@a', '3@a'] }],
    onPoison: 'park-key',
    state: 'sqlite',
    lines: ['give 0', 'find 0', 'give 0', 'find 0', 'publish: poison', 'until set-aside 0', 'crash'],
  },
  {
    name: 'it is killed when a parked event is on the disk and its batch is not acked',
    feeds: [{ arrival: 'told', batches: ['1@a 2@a', '3@a'] }],
    onPoison: 'park-key',
    state: 'sqlite',
    lines: [
      'publish: poison',
      'set-aside 0',
      'until complete 0',
      'crash',
      'until complete 0',
      'crash: complete 0 acted',
    ],
  },
  {
    name: 'a parked event cannot be written for a while',
    feeds: [{ arrival: 'in-order', batches: ['1@a', '2@a', '3@a'] }],
    onPoison: 'park-key',
    lines: ['give 0', 'find 0', 'publish: poison', 'set-aside 0: damaged', 'time', 'set-aside 0: unwritable'],
  },
  {
    name: 'a key is released while the broker still refuses, and more comes meanwhile',
    feeds: [{ arrival: 'told', batches: ['1@a', '2@a', '3@a'] }],
    onPoison: 'park-key',
    lines: ['publish: poison', 'set-aside 0', 'until complete 0', 'release 0 a', 'publish', 'complete 0'],
  },
  {
    name: 'it is killed when a released event is confirmed, and not closed yet',
    feeds: [{ arrival: 'told', batches: ['unroutable1@a 2@a 3@a', '4@a'] }],
    onPoison: 'park-key',
    state: 'sqlite',
    lines: [
      ...[
        'until complete 0',
        'release 0 a',
        'until close',
        'close',
        'release 0 a',
        'until close',
        'crash: close acted',
      ],
      ...[
        'release 0 a',
        'until publish',
        'crash: publish acted',
        'release 0 a',
        'until publish',
        'crash: publish late',
      ],
      ...['release 0 a', 'until close', 'land', 'crash'],
    ],
  },
  {
    name: 'an event without a destination waits behind one that is given up with it',
    feeds: [{ arrival: 'independent', batches: ['1@a', 'unroutable2@a 3@a'] }],
    onPoison: 'park-key',
    lines: ['give 0', 'find 0', 'publish: throttled for ever', 'give 0', 'find 0', 'pause 0', 'time', 'time'],
  },
  {
    name: 'it is drained in the midst of a release',
    feeds: [{ arrival: 'told', batches: ['unroutable1@a 2@a', '3@a'] }],
    onPoison: 'park-key',
    lines: ['until complete 0', 'release 0 a', 'until close', 'close', 'release 0 a', 'until publish', 'drain', 'time'],
  },
];
