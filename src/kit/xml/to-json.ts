import { textOf, type XmlElement } from './tree.ts';

/**
 * JSON of an element, in which all is text: a leading zero or a long number stays as it is. Without elements and
 * attributes it is its text; else an object, with repeated elements as arrays, attributes under `@name`, and text beside
 * them under `#text`.
 */
export function xmlToJson(element: XmlElement): string {
  const { attributes, children } = element;
  const text = children.filter((child) => typeof child === 'string').join('');
  const members = new Map<string, string[]>();
  for (const [name, value] of attributes) members.set(`@${name}`, [JSON.stringify(value)]);
  for (const child of children) {
    if (typeof child === 'string') continue;
    const of = members.get(child.name);
    if (of) of.push(xmlToJson(child));
    else members.set(child.name, [xmlToJson(child)]);
  }
  if (members.size === 0) return JSON.stringify(textOf(element));
  if (text !== '') members.set('#text', [JSON.stringify(text)]);
  // Written by hand: `__proto__` is a name like any other.
  const written = [...members].map(([name, values]) => {
    return `${JSON.stringify(name)}:${values.length === 1 ? values[0] : `[${values.join(',')}]`}`;
  });
  return `{${written.join(',')}}`;
}
