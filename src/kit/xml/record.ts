import { BridgeError } from '../../core/errors.ts';
import { readXml, type XmlLimits } from './read.ts';
import type { XmlElement } from './tree.ts';

/** The root element of a record in XML. Throws RECORD_NOT_UTF8 or RECORD_MALFORMED; `what` names the record. */
export function parseXmlRecord(bytes: Uint8Array, what: string, limits?: XmlLimits): XmlElement {
  const reading = readXml(bytes, limits);
  if (reading.kind === 'xml') return reading.root;
  const code = reading.kind === 'not-utf8' ? 'RECORD_NOT_UTF8' : 'RECORD_MALFORMED';
  throw new BridgeError(code, `${what} is no XML that is taken: ${reading.problem}`);
}
