import { canonicalXml } from '../../src/kit/xml/canonical.ts';
import { readXml, type XmlReading } from '../../src/kit/xml/read.ts';
import { childrenOf, textOf, type XmlElement } from '../../src/kit/xml/tree.ts';

/** The trimmed text of the first child of this name; undefined where it is absent or empty. */
export function fieldOf(element: XmlElement, name: string): string | undefined {
  const [child] = childrenOf(element, name);
  const text = child && textOf(child).trim();
  return text === '' ? undefined : text;
}

function find(element: XmlElement, wanted: (element: XmlElement) => boolean): readonly XmlElement[] {
  if (wanted(element)) return [element];
  return element.children.flatMap((child) => (typeof child === 'string' ? [] : find(child, wanted)));
}

function isFields(element: XmlElement): boolean {
  if (element.name !== 'data') return false;
  return (
    fieldOf(element, 'svTRID') !== undefined ||
    (fieldOf(element, 'code') !== undefined && fieldOf(element, 'command') !== undefined)
  );
}

/** Every `<notify>` at or below the root; where there is none, each `<data>` that has the fields of one, as a `<notify>`. */
export function notificationsIn(root: XmlElement): readonly XmlElement[] {
  const notifications = find(root, ({ name }) => name === 'notify');
  if (notifications.length > 0) return notifications;
  return find(root, isFields).map((data) => ({ ...data, name: 'notify' }));
}

/** A notification by itself: equal bytes by whatever way it came. */
export function notificationBytes(notification: XmlElement): Uint8Array {
  return Buffer.from(canonicalXml(notification));
}

function bytesIn(reading: XmlReading): readonly Uint8Array[] | undefined {
  if (reading.kind !== 'xml') return undefined;
  const found = notificationsIn(reading.root);
  return found.length === 0 ? undefined : found.map(notificationBytes);
}

const end = '</notify>';

/** Those that stand side by side without a root around them, which is no XML any more. What cannot be read stays as it is. */
function sideBySide(document: Buffer): readonly Uint8Array[] | undefined {
  const pieces: Buffer[] = [];
  for (let start = 0; start < document.length; ) {
    const found = document.indexOf(end, start);
    const stop = found < 0 ? document.length : found + end.length;
    pieces.push(document.subarray(start, stop));
    start = stop;
  }
  const full = pieces.filter((piece) => piece.toString().trim() !== '');
  if (full.length < 2) return undefined;
  return full.flatMap((piece) => bytesIn(readXml(piece)) ?? [piece]);
}

/**
 * Each notification in a document, by itself; the document as it is where there is none, of which `normalise` says what is
 * wrong with it.
 */
export function takeApart(document: Uint8Array): readonly Uint8Array[] {
  const buffer = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  return bytesIn(readXml(document)) ?? sideBySide(buffer) ?? [document];
}
