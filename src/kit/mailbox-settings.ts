import { z } from 'zod';
import type { MailboxArrival, MailMark, MailTrust } from '../core/mailbox.ts';
import { isAddressBlock } from './address-block.ts';
import { oauth2Settings } from './oauth2-settings.ts';
import { byteSize, duration, secret, text } from './scalars.ts';
import { tlsSettings } from './tls-settings.ts';

/** A flag of IMAP that is not one of its own. */
const keyword = z
  .string()
  .regex(/^[\x21\x23\x24\x26\x27\x2b-\x5b\x5e-\x7a\x7c\x7e]{1,64}$/, 'expected a keyword such as $FeedferryDone');

const folder = text().refine((value) => !/[\r\n\0]/.test(value), 'expected the name of a folder');

const inWords = 'expected the name of a folder, such as Processed, or { keyword: $FeedferryDone }';

function mark(usual: string): z.ZodType<MailMark> {
  return z
    .union(
      [
        folder.transform((name): MailMark => ({ kind: 'move', folder: name })),
        z
          .strictObject({ keyword: keyword.describe('Set on the mail, which stays where it is.') })
          .transform((value): MailMark => ({ kind: 'keyword', ...value })),
      ],
      inWords,
    )
    .prefault({ keyword: usual });
}

/** A timer cannot wait for longer. */
const longest = { max: '24d' } as const;

/** Under `mailbox`. */
export const mailboxSettings = z
  .strictObject({
    host: text()
      .refine((value) => /^[A-Za-z0-9._:-]+$/.test(value), 'expected the name of a host, such as imap.example.com')
      .describe('The IMAP server.'),
    port: z.int().min(1).max(65_535).optional().describe('Default: 993, or 143 where security is not tls.'),
    security: z
      .enum(['tls', 'starttls', 'none'])
      .default('tls')
      .describe('tls from the start; starttls before the login; or none, for a server on this machine.'),
    tls: tlsSettings.default({}).describe('PEM texts for TLS.'),
    user: text().describe('The account.'),
    password: secret().optional().describe('Its password; or else oauth2.'),
    oauth2: oauth2Settings
      .optional()
      .describe('OAuth 2 client credentials, for an access token instead of a password.'),
    folder: folder.default('INBOX').describe('Where mails arrive.'),
    done: mark('$FeedferryDone').describe(
      'What becomes of a mail when all in it is safe: moved to a folder that is there, or marked with a keyword.',
    ),
    failed: mark('$FeedferryFailed').describe(
      'The same for a mail that is refused: untrusted, too large, unreadable, or without an event.',
    ),
    idle: z.boolean().default(true).describe('Have the server tell of new mails at once, where it can.'),
    every: duration(longest).prefault('1m').describe('The folder is looked at so often at least.'),
    maxMail: byteSize().prefault('5MiB').describe('Largest mail that is fetched.'),
    maxParts: z.int().min(1).max(1_000).default(100).describe('Most parts of a mail.'),
    maxAttachment: byteSize().prefault('1MiB').describe('Largest attachment, when its transfer encoding is undone.'),
    timeouts: z
      .strictObject({
        connect: duration(longest).prefault('10s').describe('Longest wait for a connection, and for the greeting.'),
        command: duration(longest).prefault('60s').describe('Longest wait for the answer to a command.'),
      })
      .prefault({})
      .describe('How long to wait for the server.'),
  })
  .refine(
    ({ password, oauth2 }) => (password === undefined) !== (oauth2 === undefined),
    'expected exactly one of password and oauth2',
  )
  .refine(
    ({ done, failed }) => done.kind !== 'keyword' || failed.kind !== 'keyword' || done.keyword !== failed.keyword,
    'expected two keywords for done and failed: which mails were refused could not be seen',
  )
  .refine(
    ({ folder, done, failed }) =>
      [done, failed].every((one) => one.kind === 'keyword' || one.folder.toUpperCase() !== folder.toUpperCase()),
    'expected other folders for done and failed than the one where mails arrive: they would be taken again and again',
  );

const domain = z
  .string()
  .regex(/^(?=.{1,253}$)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/, 'expected a domain such as wedos.com');
const address = text().refine(
  (value) => /^[^\s@<>,;"()]+@[^\s@<>,;"()]+$/.test(value),
  'expected an address such as notify@wedos.com',
);
const host = text().refine((value) => /^[A-Za-z0-9._:-]+$/.test(value), 'expected a name such as mx.example.com');

const byDkim = z
  .strictObject({
    authservId: host.describe(
      'How your mail server names itself in the Authentication-Results that it adds to each mail.',
    ),
    dkim: z
      .array(domain)
      .min(1)
      .describe('Domains, by one of which a mail has to be signed, as that server has found.'),
  })
  .transform((value): MailTrust => ({ kind: 'authentication-results', ...value }));

const byNetwork = z
  .strictObject({
    from: z.array(address).min(1).describe('Addresses, one of which has to be in From, alone.'),
    receivedBy: host.describe('Your mail server, which every mail passes, as it names itself in Received.'),
    network: z
      .array(text().refine(isAddressBlock, 'expected an address or a block such as 203.0.113.7 or 10.0.0.0/8'))
      .min(1)
      .describe('Addresses and CIDR blocks from which it has to have had the mail.'),
  })
  .transform((value): MailTrust => ({ kind: 'network', ...value }));

const anybody = z.literal('none').transform((): MailTrust => ({ kind: 'nobody' }));

const examples =
  '{ authservId: mx.example.com, dkim: [wedos.com] } or { from: [notify@wedos.com], receivedBy: mx.example.com, network: [203.0.113.0/24] }';

/** How it is made sure who sent a mail. */
export const mailTrustSettings: z.ZodType<MailTrust> = z
  .union([byDkim, byNetwork, anybody], `expected ${examples}; or none, if anybody may send`)
  .describe('How it is made sure who sent a mail: authservId and dkim; from, receivedBy and network; or none.');

type MailboxSettings = z.output<typeof mailboxSettings>;

/** What the settings mean, with what only the connector knows. */
export function toMailboxArrival(
  settings: MailboxSettings,
  trust: MailTrust,
  own: Pick<MailboxArrival, 'records' | 'endpoint'>,
): MailboxArrival {
  const { host, security, tls, user, password, oauth2, timeouts, folder, done, failed, idle, every } = settings;
  const { port = security === 'tls' ? 993 : 143, maxMail, maxParts, maxAttachment } = settings;
  return {
    kind: 'mailbox',
    server: { host, port, security, tls, user, login: loginOf(password, oauth2), timeouts },
    folder,
    done,
    failed,
    trust,
    limits: { mailBytes: maxMail, parts: maxParts, attachmentBytes: maxAttachment },
    idle,
    everyMs: every,
    ...own,
  };
}

function loginOf(
  password: MailboxSettings['password'],
  oauth2: MailboxSettings['oauth2'],
): MailboxArrival['server']['login'] {
  if (oauth2) return { kind: 'oauth2', tokens: oauth2 };
  if (password) return { kind: 'password', password };
  throw new TypeError('a mailbox has a password, or oauth2');
}
