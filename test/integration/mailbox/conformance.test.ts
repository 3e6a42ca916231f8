import { describe, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { MailboxArrival, ReadMail } from '../../../src/core/mailbox.ts';
import { openImapSession } from '../../../src/sources/mailbox/imap-session.ts';
import { createMailboxSource } from '../../../src/sources/mailbox/mailbox-source.ts';
import type { MailSession } from '../../../src/sources/mailbox/session.ts';
import { type SourceKind, sourceConformance } from '../../conformance/source.ts';
import { ownDovecotSuite } from '../../support/dovecot/acquire.ts';
import { rawImap } from '../../support/dovecot/raw-imap.ts';
import { sampleArrival } from '../../support/mailbox/arrival.ts';
import { textMail } from '../../support/mailbox/mail.ts';

const timing = { retry: { baseMs: 2, capMs: 10, jitter: 'upwards' }, refusals: 5 } as const;

/** The mails of this test have a list of bodies in them. */
function bodiesOf({ text, receivedAt }: ReadMail) {
  return (JSON.parse(text) as string[]).map((body) => ({
    bytes: Buffer.from(body),
    mediaType: 'text/plain',
    headers: {},
    receivedAt,
  }));
}

const brief = () => new BridgeError('UPSTREAM_ERROR', 'try again');
const lasting = () => new BridgeError('MAILBOX_FOLDER_MISSING', 'no such folder');
let users = 0;

function kind(port: number, marks: Partial<MailboxArrival>): SourceKind {
  return {
    async open() {
      const user = `conforming${++users}`;
      const imap = await rawImap(port, user);
      for (const folder of ['Processed', 'Failed']) await imap.command(`CREATE ${folder}`);
      const offered: (readonly string[])[] = [];
      const acknowledged: string[] = [];
      let appended: Promise<void> = Promise.resolve();
      let fault: () => BridgeError | undefined = () => undefined;
      const check = () => {
        const error = fault();
        if (error) throw error;
      };

      /** A session that fails when it is told to. */
      function faulty(session: MailSession): MailSession {
        return {
          ...session,
          get isOpen() {
            return session.isOpen;
          },
          async search(...args) {
            await appended;
            check();
            return session.search(...args);
          },
          async mark(uid, ...rest) {
            check();
            await session.mark(uid, ...rest);
            acknowledged.push(...(offered[uid - 1] ?? []));
          },
        };
      }

      const { server, ...arrival } = sampleArrival(port, user, { records: bodiesOf, ...marks });
      const source = createMailboxSource({
        feed: 'sample/mail',
        arrival,
        async open(signal) {
          check();
          return faulty(await openImapSession({ server, folder: 'INBOX', largestBytes: 100_000 }, signal));
        },
        report: () => {},
        timing,
      });
      return {
        source,
        offer(bodies) {
          offered.push(bodies);
          appended = imap.append('INBOX', textMail(JSON.stringify(bodies)));
        },
        acknowledged: () => acknowledged,
        fail(how) {
          let left = 3;
          fault = how === 'fatally' ? lasting : () => (left-- > 0 ? brief() : undefined);
        },
        mend() {
          fault = () => undefined;
        },
        [Symbol.asyncDispose]: () => imap[Symbol.asyncDispose](),
      };
    },
  };
}

const suite = await ownDovecotSuite();

suite('a mailbox', ({ port }) => {
  describe('whose mails get a keyword', () => {
    for (const { name, run } of sourceConformance(kind(port, {}))) it(name, run);
  });

  describe('whose mails are moved', () => {
    const moved = { done: { kind: 'move', folder: 'Processed' }, failed: { kind: 'move', folder: 'Failed' } } as const;
    for (const { name, run } of sourceConformance(kind(port, moved))) it(name, run);
  });

  describe('whose server tells nothing by itself', () => {
    for (const { name, run } of sourceConformance(kind(port, { idle: false, everyMs: 20 }))) it(name, run);
  });
});
