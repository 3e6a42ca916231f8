import type { Configuration } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { MailboxArrival } from '../core/mailbox.ts';
import type { ProxySettings } from '../http/channel.ts';
import { mailSessions } from '../open-mailbox.ts';
import { adviceFor } from '../telemetry/error-text.ts';
import { bounded } from './bounded.ts';

interface MailboxFeed {
  readonly feed: FeedName;
  readonly arrival: MailboxArrival;
}

function keywordsOf({ done, failed }: MailboxArrival): readonly string[] {
  return [done, failed].flatMap((mark) => (mark.kind === 'keyword' ? [mark.keyword] : []));
}

/** How many mails wait. Rejects when they could not be taken, or not be marked. */
async function look({ feed, arrival }: MailboxFeed, proxy: ProxySettings, signal: AbortSignal): Promise<number> {
  await using resources = new AsyncDisposableStack();
  const session = await mailSessions(feed, arrival, { proxy, report: () => {}, resources })(signal);
  try {
    await session.prepare([arrival.done, arrival.failed], signal);
    return (await session.search(keywordsOf(arrival), signal)).length;
  } finally {
    await session.close();
  }
}

async function checkMailbox(mailbox: MailboxFeed, proxy: ProxySettings, timeoutMs: number): Promise<Finding> {
  const { feed, arrival } = mailbox;
  const late = () => new BridgeError('UPSTREAM_TIMEOUT', `no answer within ${timeoutMs / 1_000} s`);
  try {
    const waiting = await bounded(timeoutMs, late, (signal) => look(mailbox, proxy, signal));
    const mails = waiting === 0 ? 'nothing waits' : waiting === 1 ? '1 mail waits' : `${waiting} mails wait`;
    return { severity: 'ok', subject: feed, message: `${arrival.folder} can be read and marked: ${mails}` };
  } catch (thrown) {
    const error = toBridgeError(thrown);
    const hint = adviceFor(error, feed);
    return { severity: 'error', subject: feed, code: error.code, message: error.message, hint };
  }
}

/** Opens each mailbox: reachable, login good, folders there, mails can be marked. Nothing is changed there. */
export async function checkMailboxes(
  { pipelines }: Configuration,
  proxy: ProxySettings,
  timeoutMs: number,
): Promise<readonly Finding[]> {
  const mailboxes = pipelines.flatMap(({ name, feeds }) =>
    feeds.flatMap(({ name: feed, arrival }): MailboxFeed[] =>
      arrival.kind === 'mailbox' ? [{ feed: `${name}/${feed}`, arrival }] : [],
    ),
  );
  return await Promise.all(mailboxes.map((mailbox) => checkMailbox(mailbox, proxy, timeoutMs)));
}
