import type { CatalogueEntry } from './entry.ts';

export const mailboxErrors = {
  MAILBOX_FOLDER_MISSING: {
    disposition: 'fatal',
    summary: 'A folder of the mailbox is not there.',
    runbook:
      'The message names it. Folders are named as the server has them, below others as in `INBOX.Processed` or `INBOX/Processed`. Create it, or correct the name; the bridge creates none.',
  },
  MAILBOX_NOT_WRITABLE: {
    disposition: 'fatal',
    summary: 'The account may read the folder, and not mark mails in it.',
    runbook:
      'Give the account the right to change flags, or to move mails. Until then nothing is taken: it would be taken again and again.',
  },
  MAILBOX_KEYWORD_REFUSED: {
    disposition: 'fatal',
    summary: 'The server keeps no keywords in the folder, by which mails are marked as done.',
    runbook: 'Have mails moved instead: give `done` and `failed` the names of folders.',
  },
  MAILBOX_MOVE_UNSAFE: {
    disposition: 'fatal',
    summary: 'The server can move no mail without touching others.',
    runbook:
      'It has neither MOVE nor UIDPLUS, so that a move would delete what people have marked as deleted. Have mails marked instead: `done: { keyword: $FeedferryDone }`, and `failed` likewise.',
  },
  MAIL_UNTRUSTED: {
    disposition: 'poison',
    summary: 'A mail is not from whom `trust` names.',
    runbook:
      'The reason says what is missing; the mail is where `failed` puts it, and the dead letter has its beginning. If it is from the right sender, correct `trust`, and move the mail back into the folder, or take the keyword off: it is taken again. Then discard the dead letter.',
  },
  MAIL_TOO_LARGE: {
    disposition: 'poison',
    summary: 'A mail is larger than the limits, or has more or larger parts.',
    runbook:
      'The mail is where `failed` puts it. If such mails are legitimate, raise `maxMail`, `maxParts` or `maxAttachment`, and move it back into the folder, or take the keyword off.',
  },
  MAIL_UNREADABLE: {
    disposition: 'poison',
    summary: 'A mail cannot be taken apart, or its text is not in the charset that it names.',
    runbook:
      'The mail is where `failed` puts it, with all its bytes. Show it to the sender. Nothing is guessed: a wrong letter would be one in the event.',
  },
  MAIL_WITHOUT_EVENT: {
    disposition: 'poison',
    summary: 'A mail has nothing in it that could become an event.',
    runbook:
      'It is where `failed` puts it. Usually it is no notification at all: discard the dead letter. If there is one in it, show the mail to the maintainers.',
  },
  MAIL_UNPROTECTED: {
    disposition: 'fatal',
    summary: 'The connection to the mail server is not encrypted, though it leads to another machine.',
    runbook:
      'A warning of `feedferry check`; the feed runs. Set `security` to `tls` or `starttls`: as it is, the password can be read on its way, and mails be changed.',
  },
  MAIL_SENDER_UNVERIFIED: {
    disposition: 'fatal',
    summary: 'Nobody makes sure who sends mails: `trust` is `none`.',
    runbook:
      'A warning of `feedferry check`; the feed runs. Anybody can write to a mailbox: name a DKIM domain and the server that checks it under `trust`, or a sender and a network.',
  },
} as const satisfies Record<string, CatalogueEntry>;
