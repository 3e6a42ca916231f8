/** What may stand in braces in the template of a signed text. `{body}` stands there once. */
export const signedValues = ['timestamp', 'id', 'method', 'target', 'url'] as const;

export type SignedValue = (typeof signedValues)[number];

/** Literal text, or what a request has. */
export type SignedPart = { readonly text: string } | { readonly value: SignedValue };

export interface SignedTemplate {
  readonly before: readonly SignedPart[];
  readonly after: readonly SignedPart[];
}

function isSignedValue(name: string): name is SignedValue {
  return (signedValues as readonly string[]).includes(name);
}

function parseParts(text: string): readonly SignedPart[] | undefined {
  const parts: SignedPart[] = [];
  for (const piece of text.split(/(\{[^{}]*\})/)) {
    if (piece === '') continue;
    const name = piece.startsWith('{') && piece.endsWith('}') ? piece.slice(1, -1) : undefined;
    if (name === undefined ? /[{}]|[^\x20-\x7e\n]/.test(piece) : !isSignedValue(name)) return undefined;
    parts.push(name !== undefined && isSignedValue(name) ? { value: name } : { text: piece });
  }
  return parts;
}

/** Takes a template apart at its body; undefined when it is none, or has no body, or more than one. */
export function parseSignedText(template: string): SignedTemplate | undefined {
  const [head, tail, ...more] = template.split('{body}');
  if (head === undefined || tail === undefined || more.length > 0) return undefined;
  const before = parseParts(head);
  const after = parseParts(tail);
  return before && after && { before, after };
}

/** Whether the value is part of what is signed. */
export function signs({ before, after }: SignedTemplate, value: SignedValue): boolean {
  return [...before, ...after].some((part) => 'value' in part && part.value === value);
}

/** The text that ends the value in what is signed; undefined: nothing does, or the body. */
export function delimiterAfter({ before, after }: SignedTemplate, value: SignedValue): string | undefined {
  for (const parts of [before, after]) {
    const at = parts.findIndex((part) => 'value' in part && part.value === value);
    const next = at === -1 ? undefined : parts[at + 1];
    if (next !== undefined && 'text' in next) return next.text;
  }
  return undefined;
}
