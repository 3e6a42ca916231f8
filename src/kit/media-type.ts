/** A media type taken apart. */
export interface MediaType {
  /** Type and subtype in lower case. */
  readonly essence: string;
  /** In lower case. */
  readonly charset: string | undefined;
}

const shape = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+)\s*(?:;|$)/i;
const charsetParameter = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i;

/** Undefined where it is none. */
export function parseMediaType(text: string): MediaType | undefined {
  const essence = shape.exec(text)?.[1]?.toLowerCase();
  if (essence === undefined) return undefined;
  const charset = charsetParameter.exec(text);
  return { essence, charset: (charset?.[1] ?? charset?.[2])?.toLowerCase() };
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
