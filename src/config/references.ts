/** Where a secret is taken from. */
export interface Reference {
  readonly scheme: 'env' | 'file';
  /** Name of the environment variable, or path of the file. */
  readonly name: string;
  /** As it stands in the file: `${env:NAME}`. Not secret. */
  readonly written: string;
}

export type TextPart = string | Reference;

const schemes = { env: /^\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/, file: /^\$\{file:([^{}\r\n]+)\}/ } as const;

/**
 * Splits a text at its references: `Bearer ${env:T}` gives `['Bearer ', reference]`; `$${` stands for a plain `${`.
 * Undefined when a `${` begins no reference that is known.
 */
export function splitReferences(text: string): readonly TextPart[] | undefined {
  const parts: TextPart[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    if (text.startsWith('$${', at)) {
      plain += '${';
      at += 3;
    } else if (text.startsWith('${', at)) {
      const reference = referenceAt(text.slice(at));
      if (reference === undefined) return undefined;
      if (plain !== '') parts.push(plain);
      plain = '';
      parts.push(reference);
      at += reference.written.length;
    } else {
      const next = text.indexOf('$', at + 1);
      plain += text.slice(at, next === -1 ? undefined : next);
      at = next === -1 ? text.length : next;
    }
  }
  if (plain !== '') parts.push(plain);
  return parts;
}

function referenceAt(text: string): Reference | undefined {
  for (const scheme of ['env', 'file'] as const) {
    const match = schemes[scheme].exec(text);
    if (match?.[1] !== undefined) return { scheme, name: match[1], written: match[0] };
  }
  return undefined;
}
