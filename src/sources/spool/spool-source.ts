import type { Batch, FeedName } from '../../core/batch.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { Source } from '../../core/source.ts';
import type { Spool, SpooledRecord, SpoolPage } from '../../core/spool.ts';
import { type BackoffPolicy, brokerBackoff } from '../../pipeline/backoff.ts';
import { persist } from '../../pipeline/persist.ts';
import type { Activity, Report } from '../../telemetry/events.ts';

/** The most that one batch holds. */
export const spoolBatch = { records: 500, bytes: 1024 ** 2 };

export interface SpooledFeed {
  readonly feed: FeedName;
  readonly spool: Spool;
  readonly report: Report;
  /** Default: `spoolBatch`. */
  readonly most?: typeof spoolBatch;
  /** Hears of records that are gone, again each time that they are passed. */
  readonly onGap?: (gap: SpoolPage['gaps'][number]) => void;
  readonly retry?: BackoffPolicy;
}

/** Batches that were given out in one go, until one of them comes back. */
interface Run {
  readonly end: AbortController;
}

async function unlessStopped<T>(action: () => Promise<T>, stop: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = () => reject(new BridgeError('STOPPING', 'stopped while reading the spool'));
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  try {
    return await Promise.race([promise, ...(stop.aborted ? [] : [action()])]);
  } finally {
    stop.removeEventListener('abort', end);
  }
}

/**
 * Reads one feed out of the spool, after what was released: batches of consecutive records, as many as are taken. A
 * batch's position is its last sequence; its ack releases the spool up to there. One that is given back ends the run, so
 * that nothing overtakes it.
 */
export function createSpoolSource(options: SpooledFeed): Source {
  const { feed, spool, report, most = spoolBatch, onGap = () => {}, retry = brokerBackoff } = options;
  /** Everything up to here was acked. */
  let acked = 0;

  function patiently<T>(activity: Activity, action: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return persist(action, { feed, activity, report, signal, backoff: retry });
  }

  async function ack(from: number, to: number, signal: AbortSignal): Promise<void> {
    // It would release what another batch still has.
    if (from > acked) throw new BridgeError('INTERNAL', `${feed}: records up to ${from} are to be acked before ${to}`);
    await patiently('complete', () => spool.release(feed, to), signal);
    acked = Math.max(acked, to);
  }

  function toBatch(records: readonly SpooledRecord[], from: number, to: number, run: Run): Batch {
    const raw = records.map(({ entry }) => entry.record);
    const bytes = raw.reduce((sum, record) => sum + record.bytes.length, 0);
    report({ event: 'batch.fetched', feed, batchId: records[0]?.entry.batchId ?? '', records: raw.length, bytes });
    return {
      feed,
      position: `${to}`,
      bytes,
      records: raw,
      ack: (signal) => ack(from, to, signal),
      async nack() {
        run.end.abort();
      },
    };
  }

  /** What is only looked up is waited for no longer than `stop` allows. */
  function look<T>(action: () => Promise<T>, stop: AbortSignal): Promise<T> {
    return patiently('next', () => unlessStopped(action, stop), stop);
  }

  async function released(): Promise<number> {
    const { feeds } = await spool.state();
    return feeds.find((use) => use.feed === feed)?.released ?? 0;
  }

  async function* batches(run: Run, stop: AbortSignal): AsyncGenerator<Batch> {
    acked = await look(released, stop);
    let read = acked;
    let given = acked;
    while (!stop.aborted) {
      const page = await look(() => spool.read(feed, read, most), stop);
      page.gaps.forEach(onGap);
      read = Math.max(read, page.records.at(-1)?.sequence ?? 0, page.gaps.at(-1)?.to ?? 0);
      if (page.records.length > 0) {
        yield toBatch(page.records, given, read, run);
        given = read;
      } else if (page.gaps.length === 0) {
        report({ event: 'feed.idle', feed });
        await look(() => spool.grown(feed, read, stop), stop);
      }
    }
  }

  return {
    feed,
    ackOrder: 'in-order',
    async *batches(stop) {
      const run: Run = { end: new AbortController() };
      const either = AbortSignal.any([stop, run.end.signal]);
      try {
        yield* batches(run, either);
      } catch (thrown) {
        const error = toBridgeError(thrown);
        if (!either.aborted || error.disposition === 'fatal') throw error;
      }
    },
  };
}
