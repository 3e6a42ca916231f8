import type { XmlElement } from './tree.ts';

const inText: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };
const inAttribute: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

function byCodePoint([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/**
 * The same text for documents that say the same: attributes in order, one spelling of what is escaped, no comments, no
 * white space between elements, and a closing tag for each. As in Canonical XML 1.0, but for that white space.
 */
export function canonicalXml({ name, attributes, children }: XmlElement): string {
  const written = [...attributes]
    .toSorted(byCodePoint)
    .map(([key, value]) => ` ${key}="${value.replace(/[&<"\t\n\r]/g, (found) => inAttribute[found] ?? found)}"`);
  const inside = children.map((child) =>
    typeof child === 'string' ? child.replace(/[&<>\r]/g, (found) => inText[found] ?? found) : canonicalXml(child),
  );
  return `<${name}${written.join('')}>${inside.join('')}</${name}>`;
}
