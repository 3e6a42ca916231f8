/** An element of a document that was read. Comments, processing instructions and text of white space alone are not in it. */
export interface XmlElement {
  /** As written, with its prefix. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Never two texts side by side, and no empty text. */
  readonly children: readonly XmlNode[];
}

export type XmlNode = XmlElement | string;

/** All text in it, in the order of the document. */
export function textOf(node: XmlNode): string {
  return typeof node === 'string' ? node : node.children.map(textOf).join('');
}

/** Its child elements of this name. */
export function childrenOf({ children }: XmlElement, name: string): readonly XmlElement[] {
  return children.filter((child): child is XmlElement => typeof child !== 'string' && child.name === name);
}
