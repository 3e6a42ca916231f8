import { readXml, type XmlLimits } from '../../../src/kit/xml/read.ts';
import type { XmlElement } from '../../../src/kit/xml/tree.ts';

export function rootOf(text: string | Uint8Array, limits?: XmlLimits): XmlElement {
  const reading = readXml(Buffer.from(text), limits);
  if (reading.kind !== 'xml') throw new Error(reading.problem);
  return reading.root;
}

/** `xml`, or why it is not taken. */
export function verdictOn(text: string | Uint8Array, limits?: XmlLimits): string {
  const reading = readXml(Buffer.from(text), limits);
  return reading.kind === 'xml' ? 'xml' : `${reading.kind}: ${reading.problem}`;
}
