import type { FeedName } from '../../core/batch.ts';
import type { Cursors } from '../../core/state.ts';
import { persist } from '../../pipeline/persist.ts';
import type { Report } from '../../telemetry/events.ts';

/** Up to where a stream is safe, and when there was a connection to it last: durable both. */
export interface Place {
  /** The id to ask for what follows. */
  readonly lastEventId: string | undefined;
  /** When there was a connection last, before this one; undefined: never. */
  readonly contactAt: Date | undefined;
  /** Everything up to this id is safe. */
  safe(lastEventId: string | undefined, signal: AbortSignal): Promise<void>;
  /** There is a connection now. */
  touch(signal: AbortSignal): Promise<void>;
  /** Until it is undone, nothing is written: it would hide that there was none. */
  hold(): void;
  unhold(): void;
}

export async function openPlace(feed: FeedName, cursors: Cursors, report: Report, stop: AbortSignal): Promise<Place> {
  const about = { feed, activity: 'cursor', report } as const;
  const all = await persist(() => cursors.list(), { ...about, signal: stop });
  const known = all.find((cursor) => cursor.feed === feed);
  let saved = known?.position;
  let safeId = saved;
  let held = false;

  async function write(signal: AbortSignal): Promise<void> {
    const position = safeId ?? '';
    await persist(() => cursors.set(feed, position), { ...about, signal });
    saved = position;
  }

  return {
    get lastEventId() {
      return safeId === '' ? undefined : safeId;
    },
    contactAt: known?.setAt,
    async safe(lastEventId, signal) {
      safeId = lastEventId ?? '';
      if (!held && safeId !== saved) await write(signal);
    },
    async touch(signal) {
      if (!held) await write(signal);
    },
    hold() {
      held = true;
    },
    unhold() {
      held = false;
    },
  };
}
