import { setTimeout as delay } from 'node:timers/promises';
import type { ExpectedEvent, Sighting } from '../../core/sink-reader.ts';
import { judgeSeen, type SeenEvent } from '../sighting.ts';
import type { PartitionView } from './topic-reader.ts';

/** An event that ought to be at an offset of the partition. */
export interface ExpectedAt {
  readonly event: ExpectedEvent;
  readonly offset: number;
}

export interface LookUp {
  readonly view: PartitionView;
  /** Asked when nothing is at an offset that is kept. */
  isCompacted(): Promise<boolean | undefined>;
  /** Milliseconds that transactions which are open may take to end. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

const pauseMs = 50;

const undecided: Sighting = {
  status: 'unclear',
  detail: 'a transaction before it is open, so that no consumer that reads what is committed gets there',
};
const untold: Sighting = { status: 'unclear', detail: 'the broker gives nothing from there' };

/** Waits until all that is there up to `last` is decided, for a while; gives where that ends. */
async function decidedUpTo(last: number, { view, patienceMs, signal }: LookUp): Promise<number> {
  const ends = performance.now() + patienceMs;
  for (;;) {
    const decided = await view.decided();
    if (decided > last || performance.now() >= ends || (await view.end()) <= decided) return decided;
    await delay(pauseMs, undefined, { signal });
  }
}

/** What there is at each of the offsets, in the order given. One pass from the first offset to the last. */
export async function lookUpAt(wanted: readonly ExpectedAt[], look: LookUp): Promise<readonly Sighting[]> {
  const { view } = look;
  const offsets = [...new Set(wanted.map(({ offset }) => offset))].sort((a, b) => a - b);
  const [start, decided] = [await view.start(), await decidedUpTo(offsets.at(-1) ?? 0, look)];
  const end = await view.end();
  const seen = new Map<number, SeenEvent | undefined>();
  const open = offsets.filter((offset) => offset >= start && offset < decided);
  const isOpen = new Set(open);
  /** Offsets that nothing is at, for sure. */
  const empty = new Set<number>();

  for (let at = 0; at < open.length; ) {
    const { events, next } = await view.read(open[at] ?? 0);
    for (const { offset, seen: event } of events) if (isOpen.has(offset)) seen.set(offset, event);
    if (next === undefined || next <= (open[at] ?? 0)) break;
    for (; at < open.length && (open[at] ?? 0) < next; at++) if (!seen.has(open[at] ?? 0)) empty.add(open[at] ?? 0);
  }

  async function judgeEmpty(offset: number): Promise<Sighting> {
    // Retention may have come in between.
    if (offset < (await view.start()) || (await look.isCompacted())) return { status: 'expired' };
    return { status: 'missing', detail: 'nothing that is committed is there' };
  }

  const sightings: Sighting[] = [];
  for (const { event, offset } of wanted) {
    if (seen.has(offset)) sightings.push(judgeSeen(event, seen.get(offset)));
    else if (offset < start) sightings.push({ status: 'expired' });
    else if (offset >= end) sightings.push({ status: 'missing', detail: `the partition ends at ${end}` });
    else if (offset >= decided) sightings.push(undecided);
    else sightings.push(empty.has(offset) ? await judgeEmpty(offset) : untold);
  }
  return sightings;
}
