import type { SignatureScheme } from '../../core/verification.ts';

/** What one header may cost: nobody signs more often, or longer. */
const mostCharacters = 8_192;
const mostEntries = 32;

/** A header taken apart. */
export interface SignatureHeader {
  /** What may be a signature of the signer with this label. */
  readonly candidates: (label: string) => readonly string[];
  /** An entry of a list that stands there once. */
  readonly entry: (name: string) => string | undefined;
}

function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}

/** Spaces and tabs, as HTTP has them, and nothing else that some alphabet takes for white space. */
function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text, start)) start += 1;
  while (end > start && isBlank(text, end - 1)) end -= 1;
  return text.slice(start, end);
}

function readPlain(header: string): SignatureHeader {
  return {
    candidates: (label) => (header.startsWith(label) ? [header.slice(label.length)] : []),
    entry: () => undefined,
  };
}

function readList(header: string, separator: string, assign: string): SignatureHeader | undefined {
  const entries = header.split(separator, mostEntries + 1);
  if (entries.length > mostEntries) return undefined;
  const values = new Map<string, string[]>();
  for (const entry of entries) {
    const at = entry.indexOf(assign);
    if (at === -1) continue;
    const name = trimBlanks(entry.slice(0, at));
    const value = trimBlanks(entry.slice(at + assign.length));
    const others = values.get(name);
    if (others === undefined) values.set(name, [value]);
    else others.push(value);
  }
  return {
    candidates: (label) => values.get(label) ?? [],
    entry(name) {
      const [value, ...more] = values.get(name) ?? [];
      return more.length === 0 ? value : undefined;
    },
  };
}

/** Undefined: it is larger than any sender makes it. */
export function readSignatureHeader(header: string, layout: SignatureScheme['layout']): SignatureHeader | undefined {
  if (header.length > mostCharacters) return undefined;
  return layout.kind === 'plain' ? readPlain(header) : readList(header, layout.separator, layout.assign);
}
