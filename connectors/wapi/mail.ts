import type { MailAttachment, ReadMail } from '../../src/core/mailbox.ts';
import type { RawRecord } from '../../src/core/record.ts';
import { htmlText } from '../../src/kit/html-text.ts';
import { isXmlType } from '../../src/kit/media-type.ts';
import { readXmlText } from '../../src/kit/xml/read.ts';
import { fieldOf, notificationBytes, notificationsIn } from './notifications.ts';

/** A notification that was found in a mail. Without `name`: it begins as one, and cannot be read. */
interface Found {
  readonly bytes: Uint8Array;
  /** Equal for the same one in another part of the mail, however that has broken its lines. */
  readonly name?: string;
}

function readable(text: string): readonly Found[] | undefined {
  const reading = readXmlText(text);
  if (reading.kind !== 'xml') return undefined;
  const notifications = notificationsIn(reading.root);
  if (notifications.length === 0) return undefined;
  return notifications.map((notification) => {
    const fields = ['ID', 'svTRID', 'timestamp', 'command', 'code'].map((field) => fieldOf(notification, field) ?? '');
    return { bytes: notificationBytes(notification), name: JSON.stringify(fields) };
  });
}

const end = '</notify>';

/** From each `<notify>` to its end, whatever people and programs have written around them. */
function* fragments(text: string): Generator<string> {
  const begins = /<notify(?=[\s>/])/g;
  for (let found = begins.exec(text); found !== null; found = begins.exec(text)) {
    const stop = text.indexOf(end, found.index);
    const until = stop < 0 ? text.length : stop + end.length;
    yield text.slice(found.index, until);
    begins.lastIndex = until;
  }
}

function foundIn(text: string): readonly Found[] {
  const trimmed = text.trim();
  const whole = trimmed.startsWith('<') ? readable(trimmed) : undefined;
  if (whole) return whole;
  return [...fragments(text)].flatMap((fragment) => readable(fragment) ?? [{ bytes: Buffer.from(fragment) }]);
}

/** HTML that shows XML has it escaped; a program that knows no better sends XML as HTML. */
function foundInHtml(html: string): readonly Found[] {
  const raw = foundIn(html);
  return raw.some(({ name }) => name !== undefined) ? raw : [...raw, ...foundIn(htmlText(html))];
}

function isXml({ mediaType, name = '' }: MailAttachment): boolean {
  return isXmlType(mediaType) || name.toLowerCase().endsWith('.xml');
}

function foundInAttachment(attachment: MailAttachment): readonly Found[] {
  const { text, bytes } = attachment;
  if (text !== undefined) return foundIn(text);
  return isXml(attachment) ? [{ bytes }] : [];
}

/**
 * Each notification of a mail, by itself: in its text, its HTML, its attachments. One that stands in several of them is
 * taken once. What begins as one and cannot be read is a record too, of which normalise says what is wrong, unless it may
 * be a poorer copy of what another part had.
 */
export function mailedNotifications({ text, html, attachments, receivedAt }: ReadMail): readonly RawRecord[] {
  const parts = [foundIn(text), foundInHtml(html), ...attachments.map(foundInAttachment)];
  const seen = new Set<string>();
  const taken: Found[] = [];
  for (const found of parts) {
    const isFresh = ({ name }: Found) => name !== undefined && !seen.has(name);
    const fresh = found.filter((one) => one.name === undefined || isFresh(one));
    if (taken.length === 0 || fresh.some(isFresh)) taken.push(...fresh);
    for (const { name } of fresh) if (name !== undefined) seen.add(name);
  }
  return taken.map(({ bytes }) => ({ bytes, mediaType: 'application/xml', headers: {}, receivedAt }));
}
