import type { Batch } from '../../core/batch.ts';
import { toBridgeError } from '../../core/errors.ts';
import type { Source } from '../../core/source.ts';
import { type Arrived, createInbox } from './inbox.ts';
import { openPlace, type Place } from './place.ts';
import { type SseFeed, streamTiming } from './sse-feed.ts';
import { stayConnected } from './stay-connected.ts';

/**
 * Reads a stream of server-sent events: what comes in a few moments is one batch. There is nothing to acknowledge, so an
 * ack moves the last event id. What was read when it is stopped is given out before it ends.
 */
export function createSseSource(feed: SseFeed): Source {
  const { report, cursors, timing = streamTiming } = feed;
  /** Given back, by their place in the stream: upstream does not send them again. */
  const returned = new Map<number, readonly Arrived[]>();
  let given = 0;
  let open = 0;

  function toBatch(run: readonly Arrived[], number: number, place: Place, end: () => void): Batch {
    const records = run.map(({ record }) => record);
    const bytes = records.reduce((sum, record) => sum + record.bytes.length, 0);
    report({ event: 'batch.fetched', feed: feed.feed, batchId: '', records: records.length, bytes });
    open += 1;
    return {
      feed: feed.feed,
      bytes,
      records,
      async ack(signal) {
        open -= 1;
        await place.safe(run.at(-1)?.lastEventId, signal);
      },
      async nack() {
        open -= 1;
        returned.set(number, run);
        end();
      },
    };
  }

  return {
    feed: feed.feed,
    ackOrder: 'in-order',
    async *batches(stop) {
      const run = new AbortController();
      const either = AbortSignal.any([stop, run.signal]);
      const end = () => run.abort();
      const inbox = createInbox(feed.bounds);
      const place = await openPlace(feed.feed, cursors, report, either).catch((thrown: unknown) => {
        if (!stop.aborted) throw toBridgeError(thrown);
      });
      if (place === undefined) return;
      const again = [...returned].toSorted(([one], [other]) => one - other);
      returned.clear();
      for (const [number, arrived] of again) yield toBatch(arrived, number, place, end);
      const reading = stayConnected(feed, inbox, place, either).then(() => inbox.close(), inbox.close);
      const heartbeat = setInterval(() => {
        if (open === 0 && inbox.empty) void place.touch(either).catch(() => {});
      }, timing.heartbeatMs);
      try {
        for (let arrived = await inbox.take(); arrived !== undefined; arrived = await inbox.take()) {
          given += 1;
          yield toBatch(arrived, given, place, end);
        }
      } finally {
        clearInterval(heartbeat);
        end();
        await reading;
      }
    },
  };
}
