/** A field of a mail's header, unfolded, each run of white space being one space. */
export interface HeaderField {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

/** Most of a mail that is looked at for its header, and of a field: a longer one is as good as empty. */
const longest = 256 * 1024;
const longestField = 8 * 1024;

/** The header fields of a mail in the order in which they stand: the server that had it last puts its own on top. */
export function headerFields(mail: Uint8Array): readonly HeaderField[] {
  const start = Buffer.from(mail.buffer, mail.byteOffset, Math.min(mail.length, longest)).toString('latin1');
  const end = /\r?\n\r?\n/.exec(start);
  const head = end ? start.slice(0, end.index) : start;
  return head
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) return [];
      const value =
        line.length > longestField
          ? ''
          : line
              .slice(colon + 1)
              .replaceAll(/\s+/g, ' ')
              .trim();
      return [{ name: line.slice(0, colon).trim().toLowerCase(), value }];
    });
}

/** Without comments, which may stand one in the other; a quoted text is no comment. */
export function withoutComments(value: string): string {
  let out = '';
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === '\\' && (quoted || depth > 0)) {
      if (depth === 0) out += character + value.charAt(at + 1);
      at++;
    } else if (character === '"' && depth === 0) {
      quoted = !quoted;
      out += character;
    } else if (character === '(' && !quoted) depth++;
    else if (character === ')' && depth > 0) {
      depth--;
      out += ' ';
    } else if (depth === 0) out += character;
  }
  return out;
}
