import type { NamedHistory } from '../history.ts';

/** The process is killed at a moment that matters. */
export const crashes: readonly NamedHistory[] = [
  {
    name: 'it is killed between the ledger entry and the complete',
    feeds: [{ arrival: 'told', batches: ['1@a 2@b', '3@a'] }],
    lines: ['enter 0', 'until complete 0', 'crash'],
  },
  {
    name: 'it is killed between the ledger entry and the complete, with the real files',
    feeds: [{ arrival: 'told', batches: ['1@a 2@b', '3@a'] }],
    state: 'sqlite',
    lines: ['enter 0', 'until complete 0', 'crash', 'until complete 0', 'crash'],
  },
  {
    name: 'it is killed when upstream has completed, and the answer is on its way',
    feeds: [{ arrival: 'told', batches: ['1@a', '2@a'] }],
    lines: [
      'until complete 0',
      'crash: complete 0 acted',
      'until complete 0',
      'crash: complete 0 late',
      'next 0',
      'land',
    ],
  },
  {
    name: 'it is killed when the broker has written, and the answer is on its way',
    feeds: [{ arrival: 'told', batches: ['1@a 2@a', '3@a'] }],
    lines: ['until publish', 'crash: publish acted', 'until publish', 'crash'],
  },
  {
    name: 'its last write lands after the next process has gone on',
    feeds: [{ arrival: 'told', batches: ['1@a 2@a', '3@a'] }],
    lines: ['until publish', 'crash: publish late', 'complete 0', 'until publish', 'land', 'publish'],
  },
  {
    name: 'it is killed with a ledger entry on its way to the disk',
    feeds: [{ arrival: 'told', batches: ['1@a'] }],
    lines: ['until enter 0', 'crash', 'until enter 0', 'crash: enter 0 acted'],
  },
  {
    name: 'it is killed between a dead letter and the ledger entry',
    feeds: [{ arrival: 'told', batches: ['1@a !2@a 3@a'] }],
    state: 'sqlite',
    lines: ['set-aside 0', 'until enter 0', 'crash', 'until set-aside 0', 'crash'],
  },
  {
    name: 'it is killed between the last confirm and the move of a cursor',
    feeds: [{ arrival: 'cursor', batches: ['1@a', '2@a'] }],
    state: 'sqlite',
    lines: ['until move 0', 'crash', 'until move 0', 'crash: move 0 acted'],
  },
  {
    name: 'it is killed with many batches in flight, some of them acked',
    feeds: [{ arrival: 'in-order', batches: ['1@a', '2@b', '3@a'] }],
    sink: { maxOpenCalls: 2, events: 1 },
    lines: ['publish', 'give 0', 'find 0', 'enter 0', 'crash: publish acted, ack 0 acted', 'until publish', 'crash'],
  },
  {
    name: 'the ledger cannot be read after a crash',
    feeds: [{ arrival: 'told', batches: ['1@a'] }],
    lines: ['until complete 0', 'crash', 'find 0: unwritable', 'find 0: damaged'],
  },
];
