import type { NamedHistory } from '../history.ts';

/** The state directory fails. */
export const disks: readonly NamedHistory[] = [
  {
    name: 'a ledger entry cannot be written, and upstream hands the batch out again',
    feeds: [{ arrival: 'told', batches: ['1@a', '2@a'] }],
    lines: ['enter 0: unwritable', 'complete 0: lie'],
  },
  {
    name: 'a ledger entry cannot be written, and the ack is given up',
    feeds: [{ arrival: 'in-order', batches: ['1@a', '2@a'] }],
    lines: ['enter 0: unwritable', 'ack 0: fatal', 'give 0'],
  },
  {
    name: 'a dead letter cannot be written for a while',
    feeds: [{ arrival: 'told', batches: ['!1@a 2@a'] }],
    lines: ['set-aside 0: unwritable', 'time', 'set-aside 0: unwritable'],
  },
  {
    name: 'a dead letter can never be written',
    feeds: [{ arrival: 'in-order', batches: ['!1@a 2@a', '3@a'] }],
    lines: ['give 0', 'find 0', 'give 0', 'set-aside 0: damaged', 'time', 'set-aside 0: damaged'],
  },
  {
    name: 'the ledger cannot be asked while the next batch is ready',
    feeds: [{ arrival: 'in-order', batches: ['1@a', '2@a'] }],
    lines: ['give 0', 'find 0: unwritable'],
  },
  {
    name: 'a cursor is moved, but the disk says that it was not',
    feeds: [{ arrival: 'cursor', batches: ['1@a', '2@a', '3@a'] }],
    lines: ['move 0: done but unwritable', 'move 0: unwritable', 'crash'],
  },
];
