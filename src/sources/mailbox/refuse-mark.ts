import type { ImapFlow, MailboxObject } from 'imapflow';
import { BridgeError } from '../../core/errors.ts';
import type { MailMark } from '../../core/mailbox.ts';

interface Opened {
  readonly client: ImapFlow;
  readonly mailbox: MailboxObject;
  readonly where: string;
  run<T>(what: string, act: () => Promise<T>): Promise<T>;
}

/** Rejects when mails of the open folder could not be marked like this. */
export async function refuseMark(mark: MailMark, { client, mailbox, where, run }: Opened): Promise<void> {
  const { path, readOnly, permanentFlags } = mailbox;
  if (readOnly) throw new BridgeError('MAILBOX_NOT_WRITABLE', `${where} opens ${path} for reading only`);
  if (mark.kind === 'keyword') {
    const keeps = permanentFlags === undefined || permanentFlags.has('\\*') || permanentFlags.has(mark.keyword);
    if (keeps) return;
    const message = `${where} keeps no keyword ${mark.keyword} in ${path}`;
    throw new BridgeError('MAILBOX_KEYWORD_REFUSED', message, {
      hint: 'Have mails moved instead: done: Processed, failed: Failed, with the names of folders that are there.',
    });
  }
  const { folder } = mark;
  if (!['MOVE', 'UIDPLUS', 'IMAP4REV2'].some((capability) => client.capabilities.has(capability))) {
    throw new BridgeError('MAILBOX_MOVE_UNSAFE', `${where} can move no mail without touching others`);
  }
  const listed = await run(`looking for ${folder}`, () => client.list());
  const found = listed.some(({ path: there, flags }) => same(there, folder) && !flags.has('\\Noselect'));
  if (!found) {
    const names = listed.slice(0, 20).map(({ path: there }) => there);
    throw new BridgeError('MAILBOX_FOLDER_MISSING', `${where} has no folder ${folder}`, {
      hint: `There are: ${names.join(', ')}. The bridge creates none.`,
    });
  }
}

/** INBOX alone has a name in which case does not matter. */
function same(one: string, other: string): boolean {
  return one === other || (one.toUpperCase() === 'INBOX' && other.toUpperCase() === 'INBOX');
}
