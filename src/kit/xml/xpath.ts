import { childrenOf, textOf, type XmlElement, type XmlNode } from './tree.ts';
import { type Predicate, parseSteps, type Step, type Test } from './xpath-steps.ts';

/**
 * A part of XPath that settings need: `/` and `//`, names, `*`, `.`, `text()`, `@name` at the end, and in brackets a
 * place (`[1]`, `[last()]`), or what must be there (`[code]`, `[@id="7"]`, `[code="1003"]`, `[text()="x"]`, `[.="x"]`).
 * A path that begins with no slash begins at the root element. Names are as written, with their prefix.
 */
export interface XPath {
  readonly text: string;
  /** What it finds, in the order of the document: elements, and texts of attributes or elements. */
  select(root: XmlElement): readonly XmlNode[];
  /** The texts of what it finds. */
  texts(root: XmlElement): readonly string[];
}

function elementsOf({ children }: XmlElement): readonly XmlElement[] {
  return children.filter((child) => typeof child !== 'string');
}

function attributeOf({ attributes }: XmlElement, name: string): readonly string[] {
  const value = attributes.get(name);
  return value === undefined ? [] : [value];
}

function textsOf(element: XmlElement, of: Test): readonly string[] {
  switch (of.kind) {
    case 'self':
      return [textOf(element)];
    case 'text':
      return element.children.filter((child) => typeof child === 'string');
    case 'attribute':
      return attributeOf(element, of.name);
    case 'element':
      return childrenOf(element, of.name).map(textOf);
  }
}

function holds(element: XmlElement, predicate: Predicate, place: number, last: number): boolean {
  switch (predicate.kind) {
    case 'place':
      return place === (predicate.at ?? last);
    case 'value': {
      const { of, is } = predicate;
      const texts = textsOf(element, of);
      return is === undefined ? texts.length > 0 : texts.includes(is);
    }
  }
}

/** Each element once, however many of them stand inside each other: so the time is in proportion to the document. */
function withDescendants(elements: readonly XmlElement[]): readonly XmlElement[] {
  const seen = new Set<XmlElement>();
  const visit = (element: XmlElement): void => {
    if (seen.has(element)) return;
    seen.add(element);
    for (const child of elementsOf(element)) visit(child);
  };
  for (const element of elements) visit(element);
  return [...seen];
}

function childrenThatFit(element: XmlElement, name: string, predicates: readonly Predicate[]): readonly XmlElement[] {
  let found = elementsOf(element).filter((child) => name === '*' || child.name === name);
  for (const predicate of predicates) {
    const last = found.length;
    found = found.filter((child, index) => holds(child, predicate, index + 1, last));
  }
  return found;
}

function take(steps: readonly Step[], begin: readonly XmlElement[]): readonly XmlNode[] {
  let at = begin;
  for (const { deep, test, predicates } of steps) {
    const from = deep ? withDescendants(at) : at;
    switch (test.kind) {
      case 'self':
        at = from;
        break;
      case 'element':
        at = from.flatMap((element) => childrenThatFit(element, test.name, predicates));
        break;
      case 'text':
      case 'attribute':
        return from.flatMap((element) => textsOf(element, test));
    }
  }
  return at;
}

/** Gives what is wrong with the text where it is none. */
export function compileXPath(text: string): { readonly xpath: XPath } | { readonly problem: string } {
  const parsed = parseSteps(text);
  if ('problem' in parsed) return parsed;
  const { absolute, steps } = parsed;
  const select = (root: XmlElement): readonly XmlNode[] => {
    const document: XmlElement = { name: '', attributes: new Map(), children: [root] };
    return take(steps, [absolute ? document : root]);
  };
  return { xpath: { text, select, texts: (root) => select(root).map(textOf) } };
}
