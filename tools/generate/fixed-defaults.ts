import { writeDuration } from '../../src/kit/scalars.ts';
import { type BackoffPolicy, brokerBackoff } from '../../src/pipeline/backoff.ts';
import { inFlightBound, probeMs } from '../../src/pipeline/feed-runner.ts';
import { poisonFlood } from '../../src/pipeline/poison-watch.ts';
import { pollTiming } from '../../src/sources/poll/timing.ts';
import { mostQuarantined, spoolMemory } from '../../src/state/spool/settings.ts';
import { drainMs } from '../../src/timing.ts';

/** A figure that no setting changes. */
interface FixedDefault {
  readonly what: string;
  readonly value: string;
}

const MiB = 1024 ** 2;

/** Read from the constants that the code uses. */
export const fixedDefaults: readonly FixedDefault[] = [
  { what: 'Retry at the broker, and of the state', value: `${backoff(brokerBackoff)}, without end` },
  { what: 'Retry at the upstream', value: `${backoff(pollTiming.retry)}, without end` },
  { what: 'Longest wait that `Retry-After` is granted', value: writeDuration(pollTiming.retryAfterCapMs) },
  {
    what: 'A published batch that `complete` refuses and `next` hands out again',
    value: `${pollTiming.refusals} times, then the feed is halted`,
  },
  {
    what: 'A batch that does not parse',
    value: `${pollTiming.malformedTries} tries (${backoff(pollTiming.malformed)}), then the feed is halted`,
  },
  {
    what: 'Poison flood',
    value: `${poisonFlood.inARow} records in a row, or half of the last ${poisonFlood.window}: the feed is halted`,
  },
  { what: 'A halted feed is probed again after', value: writeDuration(probeMs) },
  {
    what: 'Unfinished batches per feed, at most',
    value: `${inFlightBound.batches.toLocaleString('en')}, and ${inFlightBound.bytes / MiB} MiB`,
  },
  {
    what: 'An id in the spool is forgotten after',
    value: `${writeDuration(spoolMemory.ms)}, or ${spoolMemory.ids.toLocaleString('en')} ids of its feed`,
  },
  { what: 'Damaged files of the spool that are kept', value: String(mostQuarantined) },
  { what: 'Time to drain on SIGTERM', value: writeDuration(drainMs) },
];

function backoff({ baseMs, capMs, jitter }: BackoffPolicy): string {
  const randomness = jitter === 'full' ? 'full jitter' : 'jitter upwards only';
  return `${writeDuration(baseMs)} × 2, at most ${writeDuration(capMs)}, ${randomness}`;
}
