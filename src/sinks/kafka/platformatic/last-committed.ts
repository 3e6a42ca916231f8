import { setTimeout as delay } from 'node:timers/promises';
import { FetchIsolationLevels, ListOffsetTimestamps } from '@platformatic/kafka';
import { untilAborted } from '../../deadline.ts';
import type { OffsetRange } from '../transactional-client.ts';
import type { AnyProducer } from './call.ts';
import { committedRecords, openPartition } from './partition-log.ts';

/** The first look goes so many records back, each further one so many times more. */
const firstLook = 500n;
const widening = 4n;
const pauseMs = 10;

interface Wanted extends OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer;
}

/** See `TransactionalClient.lastCommitted`. Looks from the end backwards. Rejects also with the errors of the client. */
export async function lastCommitted(
  producer: AnyProducer,
  brokerName: string,
  { topic, partition, key, from: first, before }: Wanted,
  signal: AbortSignal,
): Promise<{ readonly value: Buffer | undefined; readonly end: bigint }> {
  const { offset, fetch } = await openPartition(producer, brokerName, { topic, partition }, signal);

  /** What is committed for the key from `from` up to `to`, exclusive; null: a record without a value. */
  async function lookIn(from: bigint, to: bigint): Promise<Buffer | null | undefined> {
    let last: Buffer | null | undefined;
    let at = from;
    while (at < to) {
      const found = await fetch(at);
      for (const { place, record } of committedRecords(found)) {
        if (place >= from && place < to && record.key?.equals(key)) last = record.value;
      }
      if (found.next === undefined) break;
      at = found.next;
    }
    return last;
  }

  const pause = () => untilAborted(delay(pauseMs, undefined, { signal }), signal);
  const latest = () => offset(ListOffsetTimestamps.LATEST, FetchIsolationLevels.READ_UNCOMMITTED);
  const end = before ?? (await latest());
  // A leader that does not have it yet is behind.
  while ((await latest()) < end) await pause();
  while ((await offset(ListOffsetTimestamps.LATEST, FetchIsolationLevels.READ_COMMITTED)) < end) {
    await pause();
  }
  const start = first ?? (await offset(ListOffsetTimestamps.EARLIEST, FetchIsolationLevels.READ_UNCOMMITTED));
  let to = end;
  for (let look = firstLook; to > start; look *= widening) {
    const from = to - look > start ? to - look : start;
    const found = await lookIn(from, to);
    if (found !== undefined) return { value: found ?? undefined, end };
    to = from;
  }
  return { value: undefined, end };
}
