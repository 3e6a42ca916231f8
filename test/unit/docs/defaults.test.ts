import { describe, expect, test } from 'vitest';
import { connectors } from '../../../connectors/index.ts';
import { sinkTypes } from '../../../src/sinks/index.ts';
import { defaultsPage } from '../../../tools/generate/defaults-page.ts';

const rows = defaultsPage(connectors, sinkTypes)
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2);

describe('the defaults that the design promises', () => {
  test.each([
    ['state.keepReceipts', '`30d`'],
    ['state.spool.maxBytes', '`1GiB`'],
    ['An id in the spool', '7d, or 1,000,000 ids of its feed'],
    ['listen.health', '`127.0.0.1:9091`'],
    ['listen.admin', '`127.0.0.1:9090`'],
    ['fenergo | `timeouts.connect`', '`5s`'],
    ['fenergo | `timeouts.headers`', '`30s`'],
    ['fenergo | `timeouts.body`', '`60s`'],
    ['os1 | `register.every`', '`15m`'],
    ['fenergo | `schedule`', '`{ every: 15s }`'],
    ['wapi | `poll.schedule`', '`{ every: 15s }`'],
    ['broker, kafka | `confirmTimeout`', '`10s`'],
    ['broker, sqs | `confirmTimeout`', '`10s`'],
    ['Retry at the broker', '200ms × 2, at most 5s, full jitter, without end'],
    ['Retry at the upstream', '1s × 2, at most 30s, jitter upwards only, without end'],
    ['Retry-After', '15m'],
    ['`complete` refuses', '5 times'],
    ['does not parse', '10 tries'],
    ['Poison flood', '100 records in a row, or half of the last 200'],
    ['SIGTERM', '25s'],
  ])('%s is %s', (what, value) => {
    expect(rows.filter((row) => row.includes(what) && row.includes(value))).toHaveLength(1);
  });
});
