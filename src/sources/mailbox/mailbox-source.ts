import type { Batch } from '../../core/batch.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { Source } from '../../core/source.ts';
import { politeBackoffMs, wait } from '../../pipeline/backoff.ts';
import { keepSession, type SessionKeeper } from './keep-session.ts';
import type { MailboxFeed } from './mailbox-feed.ts';
import { markMail, markNotKept } from './mark-mail.ts';
import { nextPage, type PageOfMails } from './next-page.ts';
import { type TakenMail, takeMail } from './take-mail.ts';

/** What became of a mail that was given out. `renumbered`: acked, while the folder got new UIDs. */
type Fate = 'acked' | 'renumbered' | 'returned' | 'stuck';

interface GivenMail extends TakenMail {
  readonly uid: number;
  readonly uidValidity: string;
}

/** Takes mails one by one, in the order of their UIDs: each is a batch, and is marked when that is acked. */
export function createMailboxSource(options: MailboxFeed): Source {
  const { feed, arrival, report, timing } = options;
  const marks = [arrival.done, arrival.failed];
  const keywords = marks.flatMap((mark) => (mark.kind === 'keyword' ? [mark.keyword] : []));

  function keeper(): SessionKeeper {
    return keepSession(options.open, (session, signal) => session.prepare(marks, signal));
  }

  /** The next mails that are not marked; undefined: there are none. Repeats what is retryable, without end. */
  async function look(sessions: SessionKeeper, stop: AbortSignal): Promise<PageOfMails | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await nextPage(await sessions.get(stop), keywords, arrival.limits, stop);
      } catch (thrown) {
        const error = toBridgeError(thrown);
        if (error.disposition !== 'retryable' || stop.aborted) throw error;
        const delayMs = politeBackoffMs(timing.retry, attempt, error.retryAfterMs);
        report({ event: 'attempt.failed', subject: feed, activity: 'next', error, attempt, delayMs });
        await wait(delayMs, stop);
      }
    }
  }

  async function* batches(sessions: SessionKeeper, stop: AbortSignal): AsyncGenerator<Batch> {
    /** Marked since the last look; whoever is seen again is marked no more. */
    let marked = new Set<number>();
    let notKept = 0;
    /** How often in a row the connection was lost while nothing was asked. */
    let losses = 0;
    while (!stop.aborted) {
      const page = await look(sessions, stop);
      if (!page) {
        report({ event: 'feed.idle', feed });
        losses = (await restForNews(sessions, losses, stop)) ? 0 : losses + 1;
        continue;
      }
      notKept = page.mails.some(({ uid }) => marked.has(uid)) ? notKept + 1 : 0;
      if (notKept > 0) await rest(notKept, stop);
      marked = new Set();
      for (const { uid, size, bytes } of page.mails) {
        if (stop.aborted) return;
        const taken = await takeMail(bytes, size, arrival, new Date());
        const { promise, resolve } = Promise.withResolvers<Fate>();
        yield toBatch({ ...taken, uid, uidValidity: page.uidValidity }, sessions, resolve);
        const fate = await promise;
        if (fate === 'renumbered') break;
        if (fate !== 'acked') return;
        marked.add(uid);
      }
    }
  }

  /** Gives false when the connection is lost meanwhile, after a pause: a server that drops it at once is not asked at once. */
  async function restForNews(sessions: SessionKeeper, losses: number, stop: AbortSignal): Promise<boolean> {
    const session = sessions.present();
    await session?.waitForNews(arrival.everyMs, arrival.idle, stop);
    if (session?.isOpen || stop.aborted) return true;
    const error = new BridgeError('UPSTREAM_UNREACHABLE', 'the connection broke off while nothing waited');
    const delayMs = politeBackoffMs(timing.retry, losses + 1, undefined);
    report({ event: 'attempt.failed', subject: feed, activity: 'next', error, attempt: losses + 1, delayMs });
    await wait(delayMs, stop);
    return false;
  }

  /** The server has accepted marks, and does not keep them. */
  async function rest(times: number, stop: AbortSignal) {
    const error = markNotKept(feed, times, timing.refusals);
    if (error.disposition === 'fatal') throw error;
    const delayMs = politeBackoffMs(timing.retry, times, undefined);
    report({ event: 'attempt.failed', subject: feed, activity: 'complete', error, attempt: times, delayMs });
    await wait(delayMs, stop);
  }

  function toBatch(mail: GivenMail, sessions: SessionKeeper, conclude: (fate: Fate) => void): Batch {
    const { records, uid, uidValidity, good } = mail;
    const upstreamId = `${uidValidity}/${uid}`;
    const bytes = records.reduce((sum, record) => sum + record.bytes.length, 0);
    report({ event: 'batch.fetched', feed, batchId: upstreamId, records: records.length, bytes });
    return {
      feed,
      upstreamId,
      bytes,
      records,
      async ack(signal) {
        try {
          const mark = good ? arrival.done : arrival.failed;
          const marked = await markMail({ uid, uidValidity, mark }, options, sessions, signal);
          conclude(marked ? 'acked' : 'renumbered');
        } catch (error) {
          conclude('stuck');
          throw error;
        }
      },
      async nack() {
        conclude('returned');
      },
    };
  }

  return {
    feed,
    ackOrder: 'in-order',
    async *batches(stop) {
      const sessions = keeper();
      try {
        yield* batches(sessions, stop);
      } catch (thrown) {
        const error = toBridgeError(thrown);
        if (!stop.aborted || error.disposition === 'fatal') throw error;
      } finally {
        await sessions.close();
      }
    },
  };
}
