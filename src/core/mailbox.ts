import type { Endpoint, TlsOptions } from './http.ts';
import type { RawRecord } from './record.ts';
import type { Secret } from './secret.ts';
import type { TokenSettings } from './token-source.ts';

/** How to reach an IMAP server. Times in milliseconds. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `starttls`: no login before the connection is encrypted. `none`: never, so that the password can be read on its way. */
  readonly security: 'tls' | 'starttls' | 'none';
  readonly tls: TlsOptions;
  readonly user: string;
  readonly login:
    | { readonly kind: 'password'; readonly password: Secret }
    | { readonly kind: 'oauth2'; readonly tokens: TokenSettings };
  readonly timeouts: { readonly connect: number; readonly command: number };
}

/** How a mail is marked that is not to be taken again: by a keyword of ours, or by its being in another folder. */
export type MailMark =
  | { readonly kind: 'keyword'; readonly keyword: string }
  | { readonly kind: 'move'; readonly folder: string };

/**
 * How it is made sure who sent a mail. `authentication-results`: the mail server that names itself so has found a good
 * DKIM signature of one of these domains. `network`: it is From one of these addresses, and the host `receivedBy`, which
 * every mail passes, had it from one of these addresses or blocks. `nobody`: whoever can write to the mailbox is believed.
 */
export type MailTrust =
  | { readonly kind: 'authentication-results'; readonly authservId: string; readonly dkim: readonly string[] }
  | {
      readonly kind: 'network';
      readonly from: readonly string[];
      readonly receivedBy: string;
      readonly network: readonly string[];
    }
  | { readonly kind: 'nobody' };

/** What a mail may be; one that is more is refused before it is taken apart. */
export interface MailLimits {
  readonly mailBytes: number;
  /** Texts, attachments and what holds them together. */
  readonly parts: number;
  /** Of one attachment, decoded. */
  readonly attachmentBytes: number;
}

export interface MailAttachment {
  /** Type and subtype, in lower case. */
  readonly mediaType: string;
  readonly name?: string;
  readonly bytes: Uint8Array;
  /** By its byte order mark, its charset, its XML declaration, or as UTF-8; undefined: it is no such text. */
  readonly text: string | undefined;
}

/** A mail that came from the right sender, taken apart: transfer encodings and charsets are undone. */
export interface ReadMail {
  /** Of all its parts that are plain text, one below the other; "" where there is none. */
  readonly text: string;
  /** Of all its parts that are HTML, as written; "" where there is none. */
  readonly html: string;
  readonly attachments: readonly MailAttachment[];
  readonly receivedAt: Date;
}

/** Events come as mails to a mailbox, one mail being one batch. */
export interface MailboxArrival {
  readonly kind: 'mailbox';
  readonly server: MailServer;
  readonly folder: string;
  /** Set when everything in a mail is safe. */
  readonly done: MailMark;
  /** Set when a mail was refused, and is a dead letter. */
  readonly failed: MailMark;
  readonly trust: MailTrust;
  readonly limits: MailLimits;
  /** Whether the server is to say at once when a mail arrives (IDLE), where it can. */
  readonly idle: boolean;
  /** The folder is looked at so often at least, in milliseconds. */
  readonly everyMs: number;
  /** Pure, and never throws. No record: the mail is refused as MAIL_WITHOUT_EVENT. */
  records(mail: ReadMail): readonly RawRecord[];
  /** How to ask the upstream, for steps and requests. */
  readonly endpoint?: Endpoint;
}
