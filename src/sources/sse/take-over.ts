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
/** What both have had comes to the new one no later than this after the old one is closed. Milliseconds. */
const doublesMs = 5_000;

function keyOf({ record }: Arrived): string {
  const { bytes, headers } = record;
  const marks = JSON.stringify([headers[streamEventMark], headers[streamIdMark]]);
  return hash('sha256', Buffer.concat([Buffer.from(marks), bytes]));
}

export function createTakeOver(
  feed: FeedName,
  inbox: Pick<Inbox, 'push'>,
  handover: Handover | undefined,
  stop: AbortSignal,
): TakeOver {
  /** From the new connection, while both are read. */
  let held: Arrived[] | undefined;
  /** How often the old one has had it since the new one was asked for. */
  const doubles = new Map<string, number>();

  function pass(arrived: Arrived): void {
    const times = doubles.size === 0 ? undefined : doubles.get(keyOf(arrived));
    if (times === undefined) inbox.push(arrived);
    else if (times > 1) doubles.set(keyOf(arrived), times - 1);
    else doubles.delete(keyOf(arrived));
  }

  return {
    push(arrived) {
      if (held) held.push(arrived);
      else pass(arrived);
    },
    begin(askedAt) {
      const old = handover?.take(feed);
      if (old === undefined) return false;
      const both: Arrived[] = [];
      held = both;
      const finish = () => {
        clearTimeout(timer);
        stop.removeEventListener('abort', finish);
        old.close();
        held = undefined;
        for (const arrived of old.arrived) {
          inbox.push(arrived);
          if (arrived.record.receivedAt < askedAt) continue;
          const key = keyOf(arrived);
          doubles.set(key, (doubles.get(key) ?? 0) + 1);
        }
        for (const arrived of both) pass(arrived);
        setTimeout(() => doubles.clear(), doublesMs).unref();
      };
      const timer = setTimeout(finish, bothMs);
      stop.addEventListener('abort', finish);
      return true;
    },
  };
}
