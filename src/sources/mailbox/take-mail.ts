import { BridgeError } from '../../core/errors.ts';
import type { MailboxArrival } from '../../core/mailbox.ts';
import { type RawRecord, refusedMark } from '../../core/record.ts';
import { headerFields } from './header-fields.ts';
import { readMail } from './read-mail.ts';
import { judgeTrust } from './trust/judge-trust.ts';

/** Of a mail that is refused, the dead letter has so much: the mail itself stays in the mailbox. */
export const keptBytes = 64 * 1024;

/** What was made of a mail. */
export interface TakenMail {
  readonly records: readonly RawRecord[];
  /** Whether all of it is what it should be; else it goes where failed mails go. */
  readonly good: boolean;
}

/** What stands in the header of every record that is refused, for people who look at the dead letter. */
const shown = ['from', 'subject', 'date', 'message-id'] as const;

function markOf({ code, message }: BridgeError): Record<string, string> {
  return { [refusedMark]: `${code} ${message}` };
}

function refused(mail: Buffer, error: BridgeError, receivedAt: Date): TakenMail {
  const fields = headerFields(mail);
  const headers = shown.flatMap((name) => {
    const field = fields.find((one) => one.name === name);
    return field === undefined ? [] : [[name, field.value.slice(0, 200)] as const];
  });
  const record: RawRecord = {
    bytes: mail.subarray(0, keptBytes),
    mediaType: 'message/rfc822',
    headers: { ...Object.fromEntries(headers), ...markOf(error) },
    receivedAt,
  };
  return { records: [record], good: false };
}

/** U+FFFD, in UTF-8: what stands for bytes that are none of their charset. */
const replacement = Buffer.from([0xef, 0xbf, 0xbd]);

function isUndecoded({ bytes }: RawRecord): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(replacement);
}

/** What comes of a mail, given whole or, where it is too large, its beginning. Never rejects. */
export async function takeMail(
  mail: Buffer,
  size: number,
  { trust, limits, records }: Pick<MailboxArrival, 'trust' | 'limits' | 'records'>,
  receivedAt: Date,
): Promise<TakenMail> {
  try {
    const bytes = Math.max(size, mail.length);
    if (bytes > limits.mailBytes) {
      throw new BridgeError('MAIL_TOO_LARGE', `it has ${bytes} bytes, more than ${limits.mailBytes}`);
    }
    const distrust = judgeTrust(mail, trust);
    if (distrust) throw distrust;
    const found = records(await readMail(mail, limits, receivedAt));
    if (found.length === 0)
      throw new BridgeError('MAIL_WITHOUT_EVENT', 'there is nothing in it that could become an event');
    const undecoded = new BridgeError('MAIL_UNREADABLE', 'its text is not in the charset that it names');
    const judged = found.map((record) =>
      isUndecoded(record) ? { ...record, headers: { ...record.headers, ...markOf(undecoded) } } : record,
    );
    return { records: judged, good: !found.some(isUndecoded) };
  } catch (thrown) {
    const error = thrown instanceof BridgeError ? thrown : new BridgeError('MAIL_UNREADABLE', String(thrown));
    return refused(mail, error, receivedAt);
  }
}
