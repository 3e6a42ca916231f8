import { hash } from 'node:crypto';
import type { FeedName } from '../../core/batch.ts';
import { streamEventMark, streamIdMark } from '../../core/stream.ts';
import type { Handover } from './handover.ts';
import type { Arrived, Inbox } from './inbox.ts';

/** The way of what is read into the inbox, past what another connection may have read of it too. */
export interface TakeOver {
  push(arrived: Arrived): void;
  /**
   * The connection works that was asked for at that moment. Gives whether another one was open till now: then nothing was
   * missed.
   */
  begin(askedAt: Date): boolean;
}

/** So long both are read: what is on its way to the old one alone still comes. Milliseconds. */
const bothMs = 250;
/** What both have comes to the new one no later than this after the old one is closed. Milliseconds. */
const repeatsMs = 5_000;
/** Of the old one, so much is compared. */
const mostCompared = 2_000;

function keyOf({ record }: Arrived): string {
  const { bytes, headers } = record;
  const marks = JSON.stringify([headers[streamEventMark], headers[streamIdMark]]);
  return hash('sha256', Buffer.concat([Buffer.from(marks), bytes]));
}

/** From where on what the old one has read is what the new one has begun with: as early as it may be. */
function overlapAt(old: readonly string[], begun: readonly string[]): number {
  const fits = (from: number) => begun.every((key, at) => from + at >= old.length || old[from + at] === key);
  let from = 0;
  while (from < old.length && !fits(from)) from += 1;
  return from;
}

export function createTakeOver(
  feed: FeedName,
  inbox: Pick<Inbox, 'push'>,
  handover: Handover | undefined,
  stop: AbortSignal,
): TakeOver {
  /** From the new connection, while both are read. */
  let held: Arrived[] | undefined;
  /** What the old one had, and the new one has to give yet, in order. */
  let repeats: readonly string[] = [];

  return {
    push(arrived) {
      if (held) held.push(arrived);
      else if (repeats.length > 0 && repeats[0] === keyOf(arrived)) repeats = repeats.slice(1);
      else {
        repeats = [];
        inbox.push(arrived);
      }
    },
    begin(askedAt) {
      const old = handover?.take(feed);
      if (old === undefined) return false;
      const begun: Arrived[] = [];
      held = begun;
      const finish = () => {
        clearTimeout(timer);
        stop.removeEventListener('abort', finish);
        old.close();
        held = undefined;
        for (const arrived of old.arrived) inbox.push(arrived);
        const late = old.arrived.filter(({ record }) => record.receivedAt >= askedAt).slice(-mostCompared);
        const keys = late.map(keyOf);
        const from = overlapAt(keys, begun.map(keyOf));
        const had = keys.length - from;
        for (const arrived of begun.slice(had)) inbox.push(arrived);
        // Where it has begun with nothing, nothing can be compared.
        repeats = begun.length === 0 ? [] : keys.slice(from + begun.length);
        setTimeout(() => {
          repeats = [];
        }, repeatsMs).unref();
      };
      const timer = setTimeout(finish, bothMs);
      stop.addEventListener('abort', finish);
      return true;
    },
  };
}
