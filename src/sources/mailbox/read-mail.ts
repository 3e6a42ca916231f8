import { simpleParser } from 'mailparser';
import { BridgeError } from '../../core/errors.ts';
import type { MailAttachment, MailLimits, ReadMail } from '../../core/mailbox.ts';
import { excerpt } from '../../kit/excerpt.ts';
import { parseMediaType } from '../../kit/media-type.ts';
import { attachmentText } from './attachment-text.ts';

type Parsed = Awaited<ReturnType<typeof simpleParser>>;
type ParsedAttachment = Parsed['attachments'][number];

/** Largest header of one part. */
const headBytes = 256 * 1024;
/** What is taken apart is in memory: a mail that takes longer than this makes the library spin. */
const parseMs = 30_000;

function charsetOf({ headers }: ParsedAttachment): string | undefined {
  const type = headers.get('content-type');
  if (typeof type !== 'object' || !('params' in type) || !('value' in type)) return undefined;
  const { charset } = type.params as Readonly<Record<string, string | undefined>>;
  return charset === '' ? undefined : charset;
}

function toAttachment(attachment: ParsedAttachment, limits: MailLimits): MailAttachment {
  const { content, contentType, filename } = attachment;
  const name = filename === undefined ? {} : { name: filename };
  if (content.length > limits.attachmentBytes) {
    const named = filename === undefined ? 'an attachment' : `the attachment ${excerpt(filename)}`;
    throw new BridgeError(
      'MAIL_TOO_LARGE',
      `${named} has ${content.length} bytes, more than ${limits.attachmentBytes}`,
    );
  }
  const mediaType = parseMediaType(contentType)?.essence ?? 'application/octet-stream';
  return { ...name, mediaType, bytes: content, text: attachmentText(content, charsetOf(attachment)) };
}

async function parse(mail: Buffer, limits: MailLimits): Promise<Parsed> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not taken apart within ${parseMs / 1_000} s`)), parseMs);
  const parsing = simpleParser(mail, {
    // Nothing is made of the texts: neither HTML of text, nor text of HTML, nor links.
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
    keepCidLinks: true,
    keepDeliveryStatus: true,
    ignoreEmbedded: true,
    checksumAlgo: false,
    maxHeadSize: headBytes,
    maxChildNodes: limits.parts,
  });
  try {
    return await Promise.race([parsing, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Takes a mail apart. Rejects with MAIL_UNREADABLE or MAIL_TOO_LARGE. */
export async function readMail(mail: Buffer, limits: MailLimits, receivedAt: Date): Promise<ReadMail> {
  let parsed: Parsed;
  try {
    parsed = await parse(mail, limits);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const tooMuch = 'code' in error && error.code === 'EMAXLEN';
    const message = `it cannot be taken apart: ${excerpt(error.message)}`;
    throw new BridgeError(tooMuch ? 'MAIL_TOO_LARGE' : 'MAIL_UNREADABLE', message, { cause: error });
  }
  const { text = '', html, attachments } = parsed;
  return {
    text,
    html: typeof html === 'string' ? html : '',
    attachments: attachments.map((attachment) => toAttachment(attachment, limits)),
    receivedAt,
  };
}
