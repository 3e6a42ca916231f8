import type { MailboxArrival, MailServer, ReadMail } from '../../../src/core/mailbox.ts';
import type { RawRecord } from '../../../src/core/record.ts';
import { Secret } from '../../../src/core/secret.ts';

/** An account at a server on loopback that has no TLS. */
export function plainServer(port: number, user: string): MailServer {
  return {
    host: '127.0.0.1',
    port,
    security: 'none',
    tls: {},
    user,
    login: { kind: 'password', password: new Secret('secret') },
    timeouts: { connect: 2_000, command: 5_000 },
  };
}

const notification = /<notify>[\s\S]*?<\/notify>/g;

/** Each `<notify>` of a mail, wherever it stands. */
export function notifications({ text, html, attachments, receivedAt }: ReadMail): readonly RawRecord[] {
  const texts = [text, html, ...attachments.flatMap(({ text: one }) => one ?? [])];
  return texts
    .flatMap((one) => one.match(notification) ?? [])
    .map((xml) => ({ bytes: Buffer.from(xml), mediaType: 'application/xml', headers: {}, receivedAt }));
}

/** A mailbox with short waits, whose mails are believed. */
export function sampleArrival(port: number, user: string, changes: Partial<MailboxArrival> = {}): MailboxArrival {
  return {
    kind: 'mailbox',
    server: plainServer(port, user),
    folder: 'INBOX',
    done: { kind: 'keyword', keyword: '$FeedferryDone' },
    failed: { kind: 'keyword', keyword: '$FeedferryFailed' },
    trust: { kind: 'nobody' },
    limits: { mailBytes: 100_000, parts: 20, attachmentBytes: 50_000 },
    idle: true,
    everyMs: 60_000,
    records: notifications,
    ...changes,
  };
}
