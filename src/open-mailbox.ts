import type { FeedName } from './core/batch.ts';
import type { MailboxArrival } from './core/mailbox.ts';
import type { Source } from './core/source.ts';
import type { TokenSource } from './core/token-source.ts';
import type { ProxySettings } from './http/channel.ts';
import { tokenOpener } from './open-tokens.ts';
import type { MailboxTiming } from './sources/mailbox/mailbox-feed.ts';
import { createMailboxSource } from './sources/mailbox/mailbox-source.ts';
import type { MailSession } from './sources/mailbox/session.ts';
import type { Report } from './telemetry/events.ts';

export interface MailboxContext {
  readonly proxy: ProxySettings;
  readonly report: Report;
  readonly resources: AsyncDisposableStack;
}

/** Opens sessions of a mailbox; those of one feed share an access token where it has one. */
export function mailSessions(
  feed: FeedName,
  { server, folder, limits }: MailboxArrival,
  { proxy, report, resources }: MailboxContext,
): (signal: AbortSignal) => Promise<MailSession> {
  const { login } = server;
  const tokens: TokenSource | undefined =
    login.kind === 'oauth2' ? tokenOpener({ proxy, subject: feed, report }, resources)(login.tokens) : undefined;
  return async (signal) => {
    // The library is loaded when the first mailbox is opened.
    const { openImapSession } = await import('./sources/mailbox/imap-session.ts');
    const accessToken = await tokens?.get(signal);
    try {
      return await openImapSession({ server, folder, accessToken, largestBytes: limits.mailBytes }, signal);
    } catch (error) {
      tokens?.drop();
      throw error;
    }
  };
}

/** Opens its source whenever it is called, with a connection of its own. */
export function openMailbox(
  feed: FeedName,
  arrival: MailboxArrival,
  context: MailboxContext & { readonly timing: MailboxTiming },
): () => Source {
  const open = mailSessions(feed, arrival, context);
  const { report, timing } = context;
  return () => createMailboxSource({ feed, arrival, open, report, timing });
}
