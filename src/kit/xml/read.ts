import { SaxesParser } from 'saxes';
import type { XmlElement, XmlNode } from './tree.ts';

/** What a document may take. */
export interface XmlLimits {
  /** Default: 16 MiB. */
  readonly maxBytes?: number;
  /** Elements inside each other. Default: 100. */
  readonly maxDepth?: number;
  /** Elements, attributes and texts together. Default: 200,000. */
  readonly maxNodes?: number;
}

/** `not-xml` has its problem in words that quote nothing of the document. */
export type XmlReading =
  | { readonly kind: 'xml'; readonly root: XmlElement }
  | { readonly kind: 'not-utf8'; readonly problem: string }
  | { readonly kind: 'not-xml'; readonly problem: string };

/** Ends the parser; its words are our own, while those of the parser may quote. */
class Refusal extends Error {
  readonly kind: 'not-utf8' | 'not-xml';

  constructor(problem: string, kind: Refusal['kind'] = 'not-xml') {
    super(problem);
    this.kind = kind;
  }
}

interface Open {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlNode[];
  text: string;
}

const onlySpace = /^[\t\n\r ]*$/;

function build(text: string, checkEncoding: boolean, { maxDepth = 100, maxNodes = 200_000 }: XmlLimits): XmlElement {
  // Prefixes are carried as they are written: what they are bound to makes no difference to anybody here.
  const parser = new SaxesParser({ xmlns: false, position: false });
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let nodes = 0;

  function count(more: number): void {
    nodes += more;
    if (nodes > maxNodes) throw new Refusal(`it has more than ${maxNodes} elements, attributes and texts`);
  }
  function endText(element: Open): void {
    if (!onlySpace.test(element.text)) {
      count(1);
      element.children.push(element.text);
    }
    element.text = '';
  }
  function addText(more: string): void {
    const element = open.at(-1);
    if (element !== undefined) element.text += more;
  }

  parser.on('xmldecl', ({ version, encoding = 'UTF-8' }) => {
    if (version !== undefined && version !== '1.0') throw new Refusal('it is not XML 1.0');
    if (checkEncoding && !/^utf-8$/i.test(encoding))
      throw new Refusal('it declares another encoding than UTF-8', 'not-utf8');
  });
  parser.on('doctype', () => {
    throw new Refusal('it has a document type declaration, which is not taken: it could declare entities');
  });
  parser.on('opentag', ({ name, attributes }) => {
    const parent = open.at(-1);
    if (parent) endText(parent);
    if (open.length >= maxDepth) throw new Refusal(`its elements stand more than ${maxDepth} inside each other`);
    const pairs = Object.entries(attributes as Readonly<Record<string, string>>);
    count(1 + pairs.length);
    open.push({ name, attributes: new Map(pairs), children: [], text: '' });
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const element = open.pop();
    if (element === undefined) return;
    endText(element);
    const { name, attributes, children } = element;
    const done = { name, attributes, children };
    const parent = open.at(-1);
    if (parent) parent.children.push(done);
    else root = done;
  });

  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`it is no XML from line ${parser.line} on`);
  }
  if (root === undefined) throw new Refusal('it has no element');
  return root;
}

function attempt(of: () => XmlElement): XmlReading {
  try {
    return { kind: 'xml', root: of() };
  } catch (error) {
    if (error instanceof Refusal) return { kind: error.kind, problem: error.message };
    throw error;
  }
}

/** Text that was XML in any encoding, and is decoded by now: what it declares of its encoding is past. */
export function readXmlText(text: string, limits: XmlLimits = {}): XmlReading {
  return attempt(() => build(text.startsWith('\ufeff') ? text.slice(1) : text, false, limits));
}

const utf16 = 'it is UTF-16, and only UTF-8 is taken';

/**
 * A document in UTF-8. There are no entities but the five of XML and numbers of characters, and no document type: so
 * nothing in it can grow, or reach for anything. Takes time in proportion to its size.
 */
export function readXml(bytes: Uint8Array, limits: XmlLimits = {}): XmlReading {
  const { maxBytes = 16 * 1024 ** 2 } = limits;
  if (bytes.length > maxBytes) return { kind: 'not-xml', problem: `it has more than ${maxBytes} bytes` };
  const [first, second] = bytes;
  if ((first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)) {
    return { kind: 'not-utf8', problem: utf16 };
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { kind: 'not-utf8', problem: 'it has bytes that are not UTF-8' };
  }
  return attempt(() => build(text, true, limits));
}
