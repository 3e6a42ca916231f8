import type { NamedHistory } from '../history.ts';

/** What brokers and upstreams do to events and batches. */
export const refusals: readonly NamedHistory[] = [
  {
    name: 'a stale write lands after the resend',
    feeds: [{ arrival: 'told', batches: ['1@a 2@a', '3@a'] }],
    lines: ['publish: late', 'publish', 'land', 'until complete 0'],
  },
  {
    name: 'a stale write lands in the midst of the resend, which is cut smaller',
    feeds: [{ arrival: 'told', batches: ['1@a 2@a 3@a', '4@a'] }],
    sink: { maxOpenCalls: 1, events: 2 },
    lines: ['publish: late', 'publish: refused at 1', 'land', 'publish'],
  },
  {
    name: 'a part of a call was written, and nobody knows',
    feeds: [{ arrival: 'told', batches: ['1@a 2@b 3@a 4@b', '5@a 6@b'] }],
    lines: ['publish: unknown at 1 wrote 1', 'publish: unknown wrote 2', 'publish'],
  },
  {
    name: 'the first of two events in a lane is refused for a while',
    feeds: [{ arrival: 'told', batches: ['1@a 2@a'] }],
    lines: ['publish: refused'],
  },
  {
    name: 'a lane is refused while the next batch waits behind it',
    feeds: [{ arrival: 'in-order', batches: ['1@a', '2@a'] }],
    lines: ['give 0', 'find 0', 'give 0', 'find 0', 'publish: refused'],
  },
  {
    name: 'the broker fails for good while the next batch is given',
    feeds: [{ arrival: 'in-order', batches: ['1@a', '2@a'] }],
    lines: ['give 0', 'find 0', 'give 0', 'publish: fatal'],
  },
  {
    name: 'one lane fails for good, and the answer of the other comes after the probe',
    feeds: [{ arrival: 'told', batches: ['1@a 2@b'] }],
    sink: { maxOpenCalls: 2, events: 1 },
    lines: ['until publish#1', 'publish: fatal', 'time', 'next 0', 'publish'],
  },
  {
    name: 'an event turns out to be poison after it was refused for a while',
    feeds: [{ arrival: 'told', batches: ['1@a', '2@a 3@b'] }],
    lines: ['publish', 'publish: refused', 'publish: poison'],
  },
  {
    name: 'poison of every kind stands between good events',
    feeds: [{ arrival: 'told', batches: ['1@a !2@a 3@a -4@a unroutable5@a 6@a 7@a'], asks: true }],
    lines: ['ask 0', 'ask 0: poison', 'publish: poison at 1'],
  },
  {
    name: 'upstream uses an id again for another batch',
    feeds: [{ arrival: 'told', batches: ['1@a', '2@a', '3@a'], sameId: true }],
    lines: ['complete 0: 500 done', 'complete 0: 404 done'],
  },
  {
    name: 'upstream says that it completed a batch, and hands it out again',
    feeds: [{ arrival: 'told', batches: ['1@a'] }],
    lines: ['complete 0: lie', 'complete 0: lie', 'complete 0: lost'],
  },
  {
    name: 'a stale complete lands after its batch was handed out again',
    feeds: [{ arrival: 'told', batches: ['1@a', '2@a'] }],
    lines: ['complete 0: late', 'next 0', 'land', 'complete 0: 404'],
  },
  {
    name: 'what is in flight has reached its bound in bytes',
    feeds: [{ arrival: 'in-order', batches: ['1@a', '2@a', '3@a', '4@a'], bytes: 30 * 1024 ** 2 }],
    lines: ['give 0', 'find 0', 'give 0', 'find 0', 'give 0', 'publish: refused', 'time', 'publish'],
  },
  {
    name: 'a later batch is published before an earlier one may be acked',
    feeds: [{ arrival: 'in-order', batches: ['1@a', '2@b'] }],
    lines: ['until publish', 'publish', 'give 0', 'find 0', 'publish', 'enter 0#1', 'until ack 0'],
  },
];
