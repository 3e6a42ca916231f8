/** A media type taken apart. */
export interface MediaType {
  /** Type and subtype in lower case. */
  readonly essence: string;
  /** In lower case. */
  readonly charset: string | undefined;
}

const shape = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+)\s*(?:;|$)/i;
const charsetParameter = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i;

function parse(text: string): MediaType | undefined {
  const essence = shape.exec(text)?.[1]?.toLowerCase();
  if (essence === undefined) return undefined;
  const charset = charsetParameter.exec(text);
  return { essence, charset: (charset?.[1] ?? charset?.[2])?.toLowerCase() };
}

let last: { readonly text: string; readonly parsed: MediaType | undefined } = { text: '', parsed: undefined };

/** Undefined where it is none. The last one is remembered: most records are of the same type as the one before. */
export function parseMediaType(text: string): MediaType | undefined {
  if (text !== last.text) last = { text, parsed: parse(text) };
  return last.parsed;
}

export function isJsonType(essence: string): boolean {
  return essence === 'application/json' || essence === 'text/json' || essence.endsWith('+json');
}

export function isXmlType(essence: string): boolean {
  return essence === 'application/xml' || essence === 'text/xml' || essence.endsWith('+xml');
}

/** Whether text of this charset can be read as UTF-8. */
export function isUtf8(charset: string | undefined): boolean {
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii';
}

/**
 * Whether a body of this type is taken. Of what is accepted `*` stands for any type, also none, and `*+json` for
 * `application/vnd.example+json` and the like, `*+xml` likewise; anything else for itself.
 */
export function takesType(accepted: readonly string[], essence: string): boolean {
  return accepted.some(
    (type) => type === essence || type === '*' || (type.startsWith('*+') && essence.endsWith(type.slice(1))),
  );
}
