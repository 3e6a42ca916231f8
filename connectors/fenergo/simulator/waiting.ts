import { batchBody } from './batch-body.ts';
import type { EventMaker } from './events.ts';
import { mix } from './mix.ts';
import type { FillCommand } from './options.ts';

/** A batch that is about to be handed out. `eventIds` makes its ids anew whenever it is called. */
export interface FormedBatch {
  readonly body: Buffer;
  readonly events: number;
  readonly eventIds: () => readonly string[];
}

/** How to form it: the id, whether more waits behind this run of events, and undocumented fields in it. */
export interface Forming {
  readonly batchId: string;
  readonly moreBehind: boolean;
  readonly extended: boolean;
}

/** Some events that wait in a feed, and are rendered when their turn comes. */
export interface Run {
  /** How many are there now, and how many will ever come. */
  ready(now: number): number;
  left(): number;
  /** Takes the next batch off; only when one is ready. */
  take(forming: Forming, now: number): FormedBatch;
}

const defaultStart = Date.parse('2022-01-23T08:13:56.840Z');

export function generatedRun(command: FillCommand, firstSequence: number, maker: EventMaker, now: number): Run {
  const { events, batchSize = 10, eventBytes = 0, at = defaultStart, perSecond } = command;
  let taken = 0;
  const ready = (at: number): number => {
    const released = perSecond === undefined ? events : Math.floor(((at - now) * perSecond) / 1_000);
    return Math.min(events, released) - taken;
  };
  return {
    ready,
    left: () => events - taken,
    take({ batchId, moreBehind, extended }, takenAt) {
      const size = batchSize === 'random' ? 1 + (mix(firstSequence + taken) % 10) : batchSize;
      const count = Math.min(size, ready(takenAt));
      const start = taken;
      taken += count;
      const notifications = Array.from({ length: count }, (_, index) =>
        maker.render(firstSequence + start + index, { at: at + (start + index) * 1_000, eventBytes }),
      );
      return {
        body: batchBody(batchId, notifications, ready(takenAt) > 0 || moreBehind, extended),
        events: count,
        eventIds: () => Array.from({ length: count }, (_, index) => maker.idOf(firstSequence + start + index)),
      };
    },
  };
}

/** The ids as far as the body can be read. */
function idsIn(body: Buffer): readonly string[] {
  try {
    const { notifications } = JSON.parse(body.toString()) as { notifications?: readonly { id?: unknown }[] };
    return (notifications ?? []).map(({ id }) => String(id ?? ''));
  } catch {
    return [];
  }
}

/** One batch with exactly these bytes. */
export function rawRun(body: Uint8Array): Run {
  let taken = false;
  const left = (): number => (taken ? 0 : 1);
  return {
    ready: left,
    left,
    take() {
      taken = true;
      const buffer = Buffer.from(body);
      const ids = idsIn(buffer);
      return { body: buffer, events: ids.length, eventIds: () => ids };
    },
  };
}
