import { ImapFlow, type Logger, type MailboxObject } from 'imapflow';
import { BridgeError } from '../../core/errors.ts';
import type { MailServer } from '../../core/mailbox.ts';
import { excerpt } from '../../kit/excerpt.ts';
import { boundedCommand } from './bounded-command.ts';
import { classifyMailFailure } from './classify.ts';
import { imapOptions } from './imap-options.ts';
import { refuseMark } from './refuse-mark.ts';
import type { MailSession } from './session.ts';

/** How long a server may take to say goodbye. */
const farewellMs = 500;

export interface SessionOptions {
  readonly server: MailServer;
  readonly folder: string;
  /** Instead of a password. */
  readonly accessToken?: string | undefined;
  /** Most that is fetched of one mail. */
  readonly largestBytes: number;
}

/** Keeps what the server said last when it refused a command: the library gives `false`, and tells the log alone. */
function createListener() {
  let refusal: unknown;
  const hear = (entry: { readonly err?: unknown }) => {
    if (entry.err !== undefined) refusal = entry.err;
  };
  const logger: Logger = { debug() {}, info() {}, warn: hear, error: hear };
  return {
    logger,
    forget: () => {
      refusal = undefined;
    },
    last: () => refusal,
  };
}

/** Connects, logs in and opens the folder. Rejects with a BridgeError: unreachable, time-out, AUTH_REFUSED, no such folder. */
export async function openImapSession(options: SessionOptions, signal: AbortSignal): Promise<MailSession> {
  const { server, folder, accessToken, largestBytes } = options;
  const where = `${server.host}:${server.port}`;
  const listener = createListener();
  const client = new ImapFlow(imapOptions(server, accessToken, largestBytes, listener.logger));
  let news = false;
  let wake = () => {};
  const hear = () => {
    news = true;
    wake();
  };
  // What breaks a connection is told by the next command; unheard, the event would end the process.
  client.on('error', () => wake());
  client.on('close', () => wake());
  client.on('exists', hear);

  async function run<T>(what: string, ms: number, ends: AbortSignal, command: () => Promise<T>): Promise<T> {
    const named = `${what} at ${where}`;
    listener.forget();
    try {
      return await boundedCommand(command, { what: named, ms, signal: ends, cut: () => client.close() });
    } catch (thrown) {
      throw classifyMailFailure(thrown, named);
    }
  }

  const command = <T>(what: string, ends: AbortSignal, act: () => Promise<T>) =>
    run(what, server.timeouts.command, ends, act);

  /** The library has only logged why. */
  function refused(what: string): BridgeError {
    if (!client.usable) {
      return classifyMailFailure(listener.last() ?? new Error('the connection broke off'), `${what} at ${where}`);
    }
    return classifyMailFailure(listener.last() ?? new Error('refused'), `${what} at ${where}`);
  }

  let mailbox: MailboxObject;
  try {
    await run('login', server.timeouts.connect + server.timeouts.command, signal, () => client.connect());
    mailbox = await command(`opening ${folder}`, signal, () => client.mailboxOpen(folder));
  } catch (error) {
    client.close();
    throw error;
  }

  return {
    uidValidity: String(mailbox.uidValidity),
    get isOpen() {
      return client.usable && client.mailbox !== false;
    },
    async search(without, ends) {
      news = false;
      const [first, ...more] = without;
      const query = first === undefined ? { all: true } : unmarked(first, more);
      const found = await command('search', ends, () => client.search(query, { uid: true }));
      if (!Array.isArray(found)) throw refused('search');
      return found.toSorted((one, other) => one - other);
    },
    async sizes(uids, ends) {
      const range = uids.join(',');
      const found = await command('fetch', ends, () =>
        client.fetchAll(range, { uid: true, size: true }, { uid: true }),
      );
      return found.map(({ uid, size = 0 }) => ({ uid, size })).toSorted((one, other) => one.uid - other.uid);
    },
    async fetch(uids, maxBytes, ends) {
      const source = { start: 0, maxLength: maxBytes };
      const found = await command('fetch', ends, () =>
        client.fetchAll(uids.join(','), { uid: true, source }, { uid: true }),
      );
      return new Map(found.flatMap(({ uid, source: bytes }) => (bytes ? [[uid, bytes] as const] : [])));
    },
    async mark(uid, mark, ends) {
      const what = `marking mail ${uid}`;
      const worked = await command(what, ends, async () =>
        mark.kind === 'keyword'
          ? client.messageFlagsAdd(String(uid), [mark.keyword], { uid: true })
          : client.messageMove(String(uid), mark.folder, { uid: true }),
      );
      if (worked === false || worked === undefined) throw refusal(refused(what), client.usable);
    },
    async prepare(marks, ends) {
      for (const mark of marks)
        await refuseMark(mark, { client, mailbox, where, run: (what, act) => command(what, ends, act) });
    },
    async waitForNews(ms, idle, ends) {
      if (news || !client.usable || ends.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = () => resolve();
      const timer = setTimeout(wake, ms);
      ends.addEventListener('abort', wake, { once: true });
      const hears = wake;
      if (idle && client.capabilities.has('IDLE')) void client.idle().catch(() => {});
      await promise;
      clearTimeout(timer);
      ends.removeEventListener('abort', hears);
      wake = () => {};
    },
    async close() {
      const end = new AbortController();
      const timer = setTimeout(() => end.abort(), farewellMs);
      await run('logout', farewellMs, end.signal, () => client.logout()).catch(() => {});
      clearTimeout(timer);
      client.close();
    },
  };
}

/** Carries none of them. */
function unmarked(first: string, more: readonly string[]) {
  const [second] = more;
  return second === undefined ? { unKeyword: first } : { unKeyword: first, not: { keyword: second } };
}

/** A server that refuses to mark a mail may do so next time; what it says is kept. */
function refusal(error: BridgeError, usable: boolean): BridgeError {
  if (!usable || error.disposition === 'fatal') return error;
  const { message, hint } = error;
  return new BridgeError('COMPLETE_UNCONFIRMED', excerpt(message), { cause: error, ...(hint && { hint }) });
}
